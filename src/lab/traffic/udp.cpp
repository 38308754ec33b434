#include "lab/traffic/udp.h"

#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include "lab/traffic/bad_checksum.h"

namespace lab::traffic {
namespace {

using std::chrono::steady_clock;

constexpr auto kAnswerPatience = std::chrono::seconds(1);
constexpr size_t kLargestDatagram = 65536;
constexpr int kPollMs = 100;

// Sends one datagram; true when the kernel took it.
bool send_one(int fd, const Address& to, const std::vector<char>& payload, const Limit& limit) {
  while (sendto(fd, payload.data(), payload.size(), 0, to.get(), to.length) < 0) {
    if (!try_again(errno) || limit.reached()) return false;
  }
  return true;
}

base::Result<std::vector<base::Descriptor>> open_flows(const UdpSend& send) {
  std::vector<base::Descriptor> flows;
  const auto room = static_cast<int>(send.send_buffer_bytes);
  while (flows.size() < std::max(send.flows, 1U)) {
    flows.push_back(TRY(open_socket(send.to.family(), SOCK_DGRAM, 0)));
    if (room == 0) continue;
    if (setsockopt(flows.back().get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) != 0) {
      return base::system_failure("set the send buffer", errno);
    }
  }
  return flows;
}

base::Status stay_on_cpu(int cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<size_t>(cpu), &only);
  if (sched_setaffinity(0, sizeof(only), &only) != 0) {
    return base::system_failure("stay on CPU " + std::to_string(cpu), errno);
  }
  return {};
}

// When datagram number `index` is due, counted from the start.
steady_clock::duration due(const UdpSend& send, std::uint64_t index) {
  if (send.per_second > 0) {
    return std::chrono::nanoseconds(index * 1'000'000'000 / send.per_second);
  }
  return (index / std::max(send.burst, 1U)) * std::chrono::nanoseconds(send.gap);
}

// Reads until nothing is queued. Only the count matters: one byte of each datagram is copied.
std::uint64_t drain(int fd) {
  char byte = 0;
  std::uint64_t read = 0;
  while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0) ++read;
  return read;
}

// Reads one datagram, waiting for it up to 100 ms.
std::uint64_t read_one(int fd, bool with_poll) {
  char byte = 0;
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  if (with_poll && poll(&waiting, 1, kPollMs) <= 0) return 0;
  return recv(fd, &byte, 1, 0) >= 0 ? 1 : 0;
}

bool await_answer(int fd, const Limit& limit) {
  const auto patience = steady_clock::now() + kAnswerPatience;
  char byte = 0;
  while (!limit.reached() && steady_clock::now() < patience) {
    if (recv(fd, &byte, 1, 0) >= 0) return true;
    if (!try_again(errno)) return false;
  }
  return false;
}

// The checksum covers the addresses: only a connected socket knows its own.
base::Result<BadChecksumSender> bad_sender(int udp, const Address& to) {
  if (connect(udp, to.get(), to.length) != 0) {
    return base::system_failure("connect a UDP socket", errno);
  }
  return BadChecksumSender::open(udp, to);
}

}  // namespace

base::Result<Counts> send_udp(const Common& common, const UdpSend& send) {
  const auto flows = TRY(open_flows(send));
  if (send.cpu >= 0) TRY(stay_on_cpu(send.cpu));
  std::optional<BadChecksumSender> bad;
  if (send.bad_checksum_every > 0) bad = TRY(bad_sender(flows.front().get(), send.to));
  const Limit limit(common.longest);
  const std::vector<char> payload(send.size_bytes, 'w');
  Counts counts{.name = common.name};
  const auto start = steady_clock::now();
  for (std::uint64_t index = 0; index < send.count && !limit.reached(); ++index) {
    const auto when = start + due(send, index);
    if (when > steady_clock::now()) limit.sleep_until(when);
    if (limit.reached()) break;
    const int flow = flows[index % flows.size()].get();
    const bool spoil = bad && index % send.bad_checksum_every == 0;
    const bool taken = spoil ? bad->send({payload.data(), payload.size()})
                             : send_one(flow, send.to, payload, limit);
    ++(taken ? counts.sent : counts.errors);
  }
  return counts;
}

base::Result<Counts> send_udp_requests(const Common& common, const UdpSend& send) {
  const auto out = TRY(open_socket(send.to.family(), SOCK_DGRAM, 0));
  if (connect(out.get(), send.to.get(), send.to.length) != 0) {
    return base::system_failure("connect a UDP socket", errno);
  }
  const Limit limit(common.longest);
  const std::vector<char> payload(send.size_bytes, 'w');
  Counts counts{.name = common.name, .unit = "requests"};
  for (std::uint64_t index = 0; index < send.count && !limit.reached(); ++index) {
    if (::send(out.get(), payload.data(), payload.size(), 0) < 0) {
      ++counts.errors;
      continue;
    }
    ++counts.sent;
    if (await_answer(out.get(), limit)) ++counts.received;
  }
  return counts;
}

base::Result<Counts> receive_udp(const Common& common, const UdpReceive& receive) {
  const auto in = TRY(bound_socket(receive.at, SOCK_DGRAM));
  if (receive.receive_buffer_bytes > 0) {
    const auto bytes = static_cast<int>(receive.receive_buffer_bytes);
    const int option = receive.force ? SO_RCVBUFFORCE : SO_RCVBUF;
    if (setsockopt(in.get(), SOL_SOCKET, option, &bytes, sizeof(bytes)) != 0) {
      return base::system_failure("set the receive buffer", errno);
    }
  }
  TRY(go_to_background(common));
  const Limit limit(common.longest);
  Counts counts{.name = common.name};
  const std::chrono::nanoseconds pause =
      receive.per_second > 0 ? std::chrono::nanoseconds(1'000'000'000 / receive.per_second)
                             : std::chrono::nanoseconds(receive.drain_every);
  auto next = steady_clock::now();
  while (!limit.reached()) {
    if (receive.idle || pause.count() > 0) {
      next += receive.idle ? std::chrono::nanoseconds(100'000'000) : pause;
      // What it waited for the first datagram is no credit: it would read a burst, and be fast.
      next = std::max(next, steady_clock::now());
      limit.sleep_until(next);
    }
    if (receive.idle) continue;
    counts.received +=
        receive.drain_every.count() > 0 ? drain(in.get()) : read_one(in.get(), receive.with_poll);
  }
  counts.received += drain(in.get());
  return counts;
}

base::Result<Counts> receive_udp_echo(const Common& common, const Address& at) {
  const auto in = TRY(bound_socket(at, SOCK_DGRAM));
  TRY(go_to_background(common));
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "requests"};
  std::vector<char> payload(kLargestDatagram);
  while (!limit.reached()) {
    Address from{.length = sizeof(sockaddr_storage)};
    auto* const name = reinterpret_cast<sockaddr*>(&from.storage);
    const auto length = recvfrom(in.get(), payload.data(), payload.size(), 0, name, &from.length);
    if (length < 0) continue;
    ++counts.received;
    const auto sent =
        sendto(in.get(), payload.data(), static_cast<size_t>(length), 0, from.get(), from.length);
    ++(sent < 0 ? counts.errors : counts.sent);
  }
  return counts;
}

}  // namespace lab::traffic
