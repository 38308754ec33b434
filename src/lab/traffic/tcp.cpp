#include "lab/traffic/tcp.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <vector>

namespace lab::traffic {
namespace {

using std::chrono::steady_clock;

constexpr size_t kChunkBytes = 65536;
constexpr std::array<char, 64> kSmall{};  // a question or an answer
constexpr int kPollMs = 100;

base::Result<base::Descriptor> connected(const Address& to) {
  auto opened = TRY(open_socket(to.family(), SOCK_STREAM, 0));
  // SO_SNDTIMEO bounds connect too: a lost SYN (retried after 1 s) shows as an error here.
  const timeval patience{.tv_sec = 3, .tv_usec = 0};
  setsockopt(opened.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (connect(opened.get(), to.get(), to.length) != 0)
    return base::system_failure("connect", errno);
  return opened;
}

// Reads until the other side closes; false where it did not.
bool read_to_end(int fd, const Limit& limit) {
  std::array<char, 4096> chunk{};
  while (!limit.reached()) {
    const auto length = recv(fd, chunk.data(), chunk.size(), 0);
    if (length == 0) return true;
    if (length < 0 && !try_again(errno)) return false;
  }
  return false;
}

bool wait_readable(int fd, const Limit& limit) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  while (!limit.reached()) {
    if (poll(&waiting, 1, kPollMs) > 0) return true;
  }
  return false;
}

// One question and its answer on a connection of its own.
bool ask(const Address& to, const Limit& limit) {
  const auto connection = connected(to);
  if (!connection) return false;
  if (send(connection->get(), kSmall.data(), kSmall.size(), 0) < 0) return false;
  return read_to_end(connection->get(), limit);
}

bool tear(const Address& to, bool leave_unread, const Limit& limit) {
  const auto connection = connected(to);
  if (!connection) return false;
  if (!leave_unread) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  if (send(connection->get(), kSmall.data(), kSmall.size(), 0) < 0) return false;
  return !leave_unread || wait_readable(connection->get(), limit);
}

template <class Try>
base::Result<Counts> repeat(const Common& common, std::uint64_t count, Try one) {
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "connections"};
  for (std::uint64_t index = 0; index < count && !limit.reached(); ++index) {
    ++counts.sent;
    ++(one(index, limit) ? counts.received : counts.errors);
  }
  return counts;
}

// Reads what has come; false when the connection is at its end.
bool swallow(int fd, Counts& counts) {
  std::array<char, kChunkBytes> chunk{};
  const auto length = recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (length < 0 && try_again(errno)) return true;
  if (length < 0) ++counts.errors;
  if (length <= 0) return false;
  counts.received += static_cast<std::uint64_t>(length);
  return true;
}

}  // namespace

base::Result<Counts> send_tcp(const Common& common, const TcpSend& send) {
  const auto connection = TRY(connected(send.to));
  const Limit limit(common.longest);
  const auto end = steady_clock::now() + send.seconds;
  const std::vector<char> chunk(kChunkBytes, 'w');
  Counts counts{.name = common.name, .unit = "bytes"};
  const auto goes_on = [&] {
    const bool time_left = send.seconds.count() == 0 || steady_clock::now() < end;
    return time_left && (send.bytes == 0 || counts.sent < send.bytes) && !limit.reached();
  };
  while (goes_on()) {
    const auto length = ::send(connection.get(), chunk.data(), chunk.size(), 0);
    if (length < 0 && try_again(errno)) continue;
    if (length < 0) {
      ++counts.errors;
      return counts;
    }
    counts.sent += static_cast<std::uint64_t>(length);
  }
  shutdown(connection.get(), SHUT_WR);
  if (!read_to_end(connection.get(), limit)) ++counts.errors;
  return counts;
}

base::Result<Counts> send_tcp_connections(const Common& common, const Address& to,
                                          std::uint64_t count) {
  return repeat(common, count,
                [&](std::uint64_t /*index*/, const Limit& limit) { return ask(to, limit); });
}

base::Result<Counts> send_tcp_torn(const Common& common, const Address& to, std::uint64_t count) {
  return repeat(common, count, [&](std::uint64_t index, const Limit& limit) {
    return tear(to, index % 2 == 0, limit);
  });
}

base::Result<Counts> receive_tcp(const Common& common, const Address& at) {
  const auto listener = TRY(bound_socket(at, SOCK_STREAM));
  TRY(go_to_background(common));
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "bytes"};
  std::vector<base::Descriptor> connections;
  while (!limit.reached()) {
    std::vector<pollfd> waiting{{.fd = listener.get(), .events = POLLIN, .revents = 0}};
    for (const auto& one : connections) waiting.push_back({one.get(), POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), kPollMs) <= 0) continue;
    for (size_t index = connections.size(); index > 0; --index) {
      if (waiting[index].revents == 0) continue;
      if (swallow(waiting[index].fd, counts)) continue;
      connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(index) - 1);
    }
    if (waiting.front().revents == 0) continue;
    base::Descriptor accepted(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (accepted.is_open()) connections.push_back(std::move(accepted));
  }
  return counts;
}

base::Result<Counts> receive_tcp_questions(const Common& common, const Address& at) {
  const auto listener = TRY(bound_socket(at, SOCK_STREAM));
  TRY(go_to_background(common));
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "connections"};
  std::array<char, 4096> question{};
  while (!limit.reached()) {
    // The listener's 100 ms are inherited by no one: the accepted socket is given its own.
    const base::Descriptor accepted(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted.is_open()) continue;
    ++counts.received;
    if (!wait_readable(accepted.get(), limit)) continue;
    // A client that has gone away meanwhile is its own affair, no error of ours.
    const bool asked = recv(accepted.get(), question.data(), question.size(), MSG_DONTWAIT) > 0;
    if (asked && send(accepted.get(), kSmall.data(), kSmall.size(), 0) > 0) ++counts.sent;
  }
  return counts;
}

}  // namespace lab::traffic
