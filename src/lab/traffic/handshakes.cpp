#include "lab/traffic/handshakes.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "lab/traffic/checksum.h"

namespace lab::traffic {
namespace {

using std::chrono::steady_clock;

constexpr auto kPause = std::chrono::milliseconds(5);
constexpr std::uint32_t kTestNet = 0xc6336400;  // 198.51.100.0
constexpr std::uint32_t kTestNetHosts = 254;
constexpr std::uint16_t kFirstPort = 20000;
constexpr auto kLastAnswers = std::chrono::milliseconds(200);

struct Attempt {
  base::Descriptor socket;
  bool is_open = false;
};

base::Result<Attempt> begin(const Address& to) {
  Attempt attempt{.socket = TRY(open_socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK, 0))};
  // Closed by a reset: a FIN to a listener that knows no such connection would be sent again.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(attempt.socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  const int done = connect(attempt.socket.get(), to.get(), to.length);
  attempt.is_open = done == 0;
  if (done != 0 && errno != EINPROGRESS) return base::system_failure("connect", errno);
  return attempt;
}

std::optional<tcp_info> info_of(int fd) {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return {};
  return info;
}

bool is_connected(int fd) {
  const auto info = info_of(fd);
  return info && info->tcpi_state == TCP_ESTABLISHED;
}

// A SYN and its answer fit in here.
using Segment = std::array<std::uint8_t, sizeof(iphdr) + sizeof(tcphdr)>;

Segment syn(const sockaddr_in& to, std::uint64_t index) {
  iphdr ip{};
  ip.version = 4;
  ip.ihl = sizeof(ip) / 4;
  ip.ttl = 64;
  ip.protocol = IPPROTO_TCP;
  ip.saddr = htonl(kTestNet + 1 + static_cast<std::uint32_t>(index % kTestNetHosts));
  ip.daddr = to.sin_addr.s_addr;
  tcphdr tcp{};
  tcp.source = htons(static_cast<std::uint16_t>(kFirstPort + index / kTestNetHosts));
  tcp.dest = to.sin_port;
  tcp.seq = htonl(static_cast<std::uint32_t>(1 + index));
  tcp.doff = sizeof(tcp) / 4;
  tcp.syn = 1;
  tcp.window = htons(64240);
  // The pseudo header of RFC 9293, then the segment itself.
  std::array<std::uint8_t, 12 + sizeof(tcp)> summed{};
  std::memcpy(&summed[0], &ip.saddr, 4);
  std::memcpy(&summed[4], &ip.daddr, 4);
  summed[9] = IPPROTO_TCP;
  summed[11] = sizeof(tcp);
  std::memcpy(&summed[12], &tcp, sizeof(tcp));
  tcp.check = internet_checksum(summed);
  Segment segment{};
  std::memcpy(segment.data(), &ip, sizeof(ip));
  std::memcpy(&segment[sizeof(ip)], &tcp, sizeof(tcp));
  return segment;
}

// Whom a SYN-ACK of the listener answers: address and port; nothing for any other packet.
std::optional<std::pair<std::uint32_t, std::uint16_t>> answered(const std::uint8_t* bytes,
                                                                size_t length,
                                                                const sockaddr_in& listener) {
  iphdr ip{};
  tcphdr tcp{};
  if (length < sizeof(ip) + sizeof(tcp)) return {};
  std::memcpy(&ip, bytes, sizeof(ip));
  const size_t header_bytes = size_t{ip.ihl} * 4;
  if (ip.protocol != IPPROTO_TCP || length < header_bytes + sizeof(tcp)) return {};
  std::memcpy(&tcp, bytes + header_bytes, sizeof(tcp));
  const bool its = ip.saddr == listener.sin_addr.s_addr && tcp.source == listener.sin_port;
  if (!its || tcp.syn == 0 || tcp.ack == 0) return {};
  return std::pair(ip.daddr, tcp.dest);
}

using Answers = std::set<std::pair<std::uint32_t, std::uint16_t>>;

void take_answers(int fd, const sockaddr_in& listener, Answers& answers) {
  std::array<std::uint8_t, 2048> frame{};
  while (true) {
    const auto length = recv(fd, frame.data(), frame.size(), MSG_DONTWAIT);
    if (length < 0) return;
    if (const auto whom = answered(frame.data(), static_cast<size_t>(length), listener)) {
      answers.insert(*whom);
    }
  }
}

base::Result<base::Descriptor> tap(const std::string& device) {
  const unsigned index = if_nametoindex(device.c_str());
  if (index == 0) return base::system_failure("find device " + device, errno);
  auto opened = TRY(open_socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)));
  const int room = 4 << 20;
  setsockopt(opened.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_IP);
  at.sll_ifindex = static_cast<int>(index);
  if (bind(opened.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) {
    return base::system_failure("listen on device " + device, errno);
  }
  return opened;
}

}  // namespace

base::Result<Counts> send_tcp_burst(const Common& common, const TcpBurst& burst) {
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "SYNs"};
  std::vector<Attempt> attempts;
  const auto start = steady_clock::now();
  for (std::uint64_t index = 0; index < burst.count && !limit.reached(); ++index) {
    const auto bursts_before = index / std::max(burst.burst, 1U);
    limit.sleep_until(start + bursts_before * burst.gap);
    auto attempt = begin(burst.to);
    if (attempt) {
      attempts.push_back(std::move(*attempt));
    } else {
      ++counts.errors;
    }
  }
  const auto patience = steady_clock::now() + burst.patience;
  const auto pending = [](const Attempt& one) { return !one.is_open; };
  while (!limit.reached() && steady_clock::now() < patience) {
    for (auto& one : attempts) one.is_open = one.is_open || is_connected(one.socket.get());
    if (std::ranges::none_of(attempts, pending)) break;
    std::this_thread::sleep_for(kPause);
  }
  for (const auto& one : attempts) {
    const auto info = info_of(one.socket.get());
    if (!info) continue;
    counts.sent += 1 + info->tcpi_total_retrans;
    counts.received += one.is_open ? 1 : 0;
  }
  return counts;
}

base::Result<Counts> receive_tcp_listen(const Common& common, const TcpListen& listen) {
  const auto listener = TRY(bound_socket(listen.at, SOCK_STREAM));
  // A second listen() only changes the length of the queue.
  if (::listen(listener.get(), listen.backlog) != 0) return base::system_failure("listen", errno);
  TRY(go_to_background(common));
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "connections"};
  std::vector<base::Descriptor> accepted;
  auto next = steady_clock::now();
  while (!limit.reached()) {
    next += std::max<std::chrono::milliseconds>(listen.accept_every, kPause);
    limit.sleep_until(next);
    pollfd waiting{.fd = listener.get(), .events = POLLIN, .revents = 0};
    while (!listen.idle && poll(&waiting, 1, 0) > 0) {
      accepted.emplace_back(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!accepted.back().is_open()) return counts;
      ++counts.received;
    }
  }
  return counts;
}

base::Result<Counts> send_syns(const Common& common, const SynFlood& flood) {
  if (flood.to.family() != AF_INET) return base::failure("SYNs go to IPv4 addresses only");
  const auto& listener = *reinterpret_cast<const sockaddr_in*>(flood.to.get());
  const auto heard = TRY(tap(flood.device));
  const auto raw = TRY(open_socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
  const Limit limit(common.longest);
  Counts counts{.name = common.name, .unit = "SYNs"};
  Answers answers;
  const auto start = steady_clock::now();
  for (std::uint64_t index = 0; index < flood.count && !limit.reached(); ++index) {
    limit.sleep_until(start + std::chrono::nanoseconds(index * 1'000'000'000 / flood.per_second));
    const auto segment = syn(listener, index);
    const auto sent =
        sendto(raw.get(), segment.data(), segment.size(), 0, flood.to.get(), flood.to.length);
    ++(sent < 0 ? counts.errors : counts.sent);
    take_answers(heard.get(), listener, answers);
  }
  limit.sleep_until(steady_clock::now() + kLastAnswers);
  take_answers(heard.get(), listener, answers);
  counts.received = answers.size();
  return counts;
}

}  // namespace lab::traffic
