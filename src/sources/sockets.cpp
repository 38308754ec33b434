// NETLINK_SOCK_DIAG tells of each socket its addresses, queues, owner and memory, drops included.
//
// A dump of a protocol walks all sockets of the host and picks those of the namespace, except for
// listeners, which have a short list of their own. So connected TCP sockets are asked for by a
// function of their own.
#include "sources/sockets.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

// By number, as enum tcp_states of the kernel has them; UDP uses 1 and 7 only.
constexpr auto kStates = std::to_array<std::string_view>(
    {"unknown", "established", "syn-sent", "syn-received", "fin-wait-1", "fin-wait-2", "time-wait",
     "close", "close-wait", "last-ack", "listen", "closing", "syn-received"});
constexpr unsigned kTimeWait = 6;
constexpr unsigned kClosed = 7;
constexpr unsigned kListen = 10;
constexpr unsigned kNewSynReceived = 12;

constexpr std::uint32_t bit(unsigned state) {
  return 1U << state;
}
constexpr std::uint32_t kAllStates = ~0U;
constexpr std::uint32_t kConnections =
    kAllStates & ~(bit(kListen) | bit(kTimeWait) | bit(kClosed) | bit(kNewSynReceived));

std::string state_text(unsigned state, int protocol) {
  if (protocol == IPPROTO_UDP && state == kClosed) return "unconnected";
  return std::string(state < kStates.size() ? kStates[state] : kStates[0]);
}

std::string address_text(int family, const void* address) {
  // Where sockets are many, most are of IPv4, and inet_ntop() is slow.
  if (family == AF_INET) {
    char dotted[INET_ADDRSTRLEN];
    char* end = dotted;
    for (std::size_t at = 0; at < sizeof(in_addr); ++at) {
      if (at > 0) *end++ = '.';
      const auto part = static_cast<const std::uint8_t*>(address)[at];
      end = std::to_chars(end, dotted + sizeof dotted, part).ptr;
    }
    return {dotted, end};
  }
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address, text, sizeof text);
  return text;
}

// An array that kernels append to; `drops` came with 4.7.
void take_memory(Bytes memory, model::Socket& socket) {
  const auto number = [&](std::size_t at) -> std::uint64_t {
    if (memory.size() < (at + 1) * sizeof(std::uint32_t)) return 0;
    return base::read_plain<std::uint32_t>(memory.subspan(at * sizeof(std::uint32_t))).value_or(0);
  };
  socket.receive_memory = number(SK_MEMINFO_RMEM_ALLOC);
  socket.receive_buffer = number(SK_MEMINFO_RCVBUF);
  socket.send_memory = number(SK_MEMINFO_WMEM_ALLOC);
  socket.send_buffer = number(SK_MEMINFO_SNDBUF);
  socket.drops = number(SK_MEMINFO_DROPS);
}

// tcp_info grows at its end: a short one is filled with zeros, a long one is cut.
std::optional<model::TcpInfo> tcp_info_of(Bytes content) {
  if (content.size() < offsetof(tcp_info, tcpi_total_retrans) + 4) return {};
  tcp_info info{};
  std::memcpy(&info, content.data(), std::min(content.size(), sizeof info));
  return model::TcpInfo{.retransmitted = info.tcpi_total_retrans,
                        .lost = info.tcpi_lost,
                        .rtt_us = info.tcpi_rtt,
                        .cwnd = info.tcpi_snd_cwnd};
}

// False where the message is none of a socket of IP.
bool fill_socket(Bytes payload, int protocol, const model::Inode& netns, model::Socket& socket) {
  const auto header = base::read_plain<inet_diag_msg>(payload);
  if (!header) return false;
  if (header->idiag_family != AF_INET && header->idiag_family != AF_INET6) return false;
  const auto& id = header->id;
  socket.netns = netns;
  socket.protocol = protocol == IPPROTO_UDP ? "udp" : "tcp";
  socket.family = header->idiag_family == AF_INET ? 4 : 6;
  socket.state = state_text(header->idiag_state, protocol);
  socket.local = address_text(header->idiag_family, id.idiag_src);
  socket.local_port = ntohs(id.idiag_sport);
  socket.remote = address_text(header->idiag_family, id.idiag_dst);
  socket.remote_port = ntohs(id.idiag_dport);
  socket.ifindex = id.idiag_if;
  socket.inode = header->idiag_inode;
  socket.cookie = id.idiag_cookie[0] | static_cast<std::uint64_t>(id.idiag_cookie[1]) << 32;
  socket.uid = header->idiag_uid;
  socket.receive_queue = header->idiag_rqueue;
  socket.send_queue = header->idiag_wqueue;
  const Bytes attributes = base::attributes_after(payload, sizeof(inet_diag_msg));
  base::for_each_attribute(attributes, [&](int type, Bytes content) {
    if (type == INET_DIAG_SKMEMINFO) take_memory(content, socket);
    if (type == INET_DIAG_INFO && protocol == IPPROTO_TCP) socket.tcp = tcp_info_of(content);
  });
  return true;
}

struct Question {
  std::uint8_t family;
  std::uint8_t protocol;
  std::uint32_t states;
  bool with_tcp_info = false;
};

base::Status ask(const Access& access, const Question& question, Look& look) {
  inet_diag_req_v2 request{};
  request.sdiag_family = question.family;
  request.sdiag_protocol = question.protocol;
  request.idiag_states = question.states;
  request.idiag_ext = 1U << (INET_DIAG_SKMEMINFO - 1);
  if (question.with_tcp_info) request.idiag_ext |= 1U << (INET_DIAG_INFO - 1);
  return access.netlink.request(
      NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, std::as_bytes(std::span(&request, 1)),
      [&](const base::NetlinkMessage& message) {
        if (message.type != SOCK_DIAG_BY_FAMILY) return;
        auto& socket = look.sockets.emplace_back();
        const bool fits = fill_socket(message.payload, question.protocol, access.netns, socket);
        if (!fits) look.sockets.pop_back();
      });
}

// Who answers for a protocol may be a module, which a system without modprobe does not load.
base::Error without_module(const base::Error& error, const Question& question) {
  if (error.number != ENOENT) return error;
  const char* module = question.protocol == IPPROTO_UDP ? "udp_diag" : "tcp_diag";
  return {fmt::format("the kernel's module {} is not loaded", module),
          fmt::format("modprobe {}", module), error.number};
}

// How many sockets of the protocol the namespace has, by the kernel's own count: a dump walks those
// of the whole host to find none. Nothing where it does not say. ("TCP: inuse 3 orphan 0 …" in
// /proc/net/sockstat, "TCP6: inuse 1" in sockstat6; of TCP without those in TIME-WAIT)
std::optional<std::uint64_t> count_of(const Access& access, const Question& question) {
  const bool six = question.family == AF_INET6;
  const auto text = access.files.read(access.proc_net + (six ? "/sockstat6" : "/sockstat"));
  if (!text) return {};
  const std::string group =
      std::string(question.protocol == IPPROTO_UDP ? "UDP" : "TCP").append(six ? "6:" : ":");
  for (const auto line : base::lines(*text)) {
    const auto words = base::words(line);
    const bool found = words.size() >= 3 && words[0] == group && words[1] == "inuse";
    if (found) return base::parse_number(words[2]);
  }
  return {};
}

base::Status ask_both_families(const Access& access, Question question, Look& look) {
  for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    question.family = family;
    const auto count = count_of(access, question);
    // Where there are none, who answers for them is asked once all the same: a socket that comes
    // later could not be seen without.
    const bool is_known = question.family == AF_INET6 || access.memory != nullptr;
    if (count == 0 && is_known) continue;
    // Listeners are few among many.
    if (question.states != bit(kListen))
      look.sockets.reserve(look.sockets.size() + count.value_or(0));
    const auto status = ask(access, question, look);
    if (!status) return std::unexpected(without_module(status.error(), question));
  }
  return {};
}

void read_proc_udp(const Access& access, Look& look) {
  for (const int family : {4, 6}) {
    const auto text = access.files.read(access.proc_net + (family == 4 ? "/udp" : "/udp6"));
    // The second file is missing where the kernel has no IPv6.
    if (!text && family == 6) continue;
    if (!text) return tell_blind(look, "UDP sockets", text.error(), {model::Stage::kSocketRx});
    for (auto& socket : parse_proc_udp(*text, family, access.netns)) {
      look.sockets.push_back(std::move(socket));
    }
  }
}

std::unexpected<base::Error> no_netlink() {
  return base::failure("no right to enter the network namespace", "CAP_SYS_ADMIN");
}

void read(const Access& access, Look& look) {
  read_udp_sockets(access, look);
  read_listeners(access, look);
}

// "0100007F:14E9": words of 32 bits in the machine's order, in hexadecimal.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

std::optional<Endpoint> parse_endpoint(std::string_view text, int family) {
  const std::size_t digits = family == 4 ? 8 : 32;
  if (text.size() != digits + 5 || text[digits] != ':') return {};
  std::array<std::uint32_t, 4> words{};
  for (std::size_t at = 0; at < digits; at += 8) {
    const auto word = base::parse_number<std::uint32_t>(text.substr(at, 8), 16);
    if (!word) return {};
    words[at / 8] = *word;
  }
  const auto port = base::parse_number<std::uint16_t>(text.substr(digits + 1), 16);
  if (!port) return {};
  return Endpoint{address_text(family == 4 ? AF_INET : AF_INET6, words.data()), *port};
}

std::optional<model::Socket> parse_proc_udp_line(std::string_view line, int family,
                                                 const model::Inode& netns) {
  // sl local remote st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops
  const auto words = base::words(line);
  if (words.size() < 13) return {};
  const auto local = parse_endpoint(words[1], family);
  const auto remote = parse_endpoint(words[2], family);
  const auto state = base::parse_number<unsigned>(words[3], 16);
  const auto queues = base::split(words[4], ':');
  const auto uid = base::parse_number<std::uint32_t>(words[7]);
  const auto inode = base::parse_number(words[9]);
  const auto drops = base::parse_number(words[12]);
  if (!local || !remote || !state || queues.size() != 2 || !uid || !inode || !drops) return {};
  const auto sending = base::parse_number(queues[0], 16);
  const auto receiving = base::parse_number(queues[1], 16);
  if (!sending || !receiving) return {};
  return model::Socket{.netns = netns,
                       .protocol = "udp",
                       .family = family,
                       .state = state_text(*state, IPPROTO_UDP),
                       .local = local->address,
                       .local_port = local->port,
                       .remote = remote->address,
                       .remote_port = remote->port,
                       .inode = *inode,
                       .uid = *uid,
                       .receive_queue = *receiving,
                       .send_queue = *sending,
                       .receive_memory = *receiving,
                       .send_memory = *sending,
                       .drops = *drops};
}

}  // namespace

std::optional<model::Socket> parse_socket(Bytes payload, int protocol, const model::Inode& netns) {
  model::Socket socket;
  if (!fill_socket(payload, protocol, netns, socket)) return {};
  return socket;
}

std::vector<model::Socket> parse_proc_udp(std::string_view text, int family,
                                          const model::Inode& netns) {
  std::vector<model::Socket> sockets;
  for (const std::string_view line : base::lines(text)) {
    if (auto socket = parse_proc_udp_line(line, family, netns)) {
      sockets.push_back(std::move(*socket));
    }
  }
  return sockets;
}

void read_udp_sockets(const Access& access, Look& look) {
  if (!access.can_use_netlink) return read_proc_udp(access, look);
  Look answered;
  const auto status = ask_both_families(
      access, {.family = 0, .protocol = IPPROTO_UDP, .states = kAllStates}, answered);
  if (status) {
    std::ranges::move(answered.sockets, std::back_inserter(look.sockets));
    return;
  }
  // sock_diag for UDP is a module of its own (CONFIG_INET_UDP_DIAG) and may be missing.
  read_proc_udp(access, look);
  tell_blind(look, "buffer sizes of UDP sockets", status.error(), {});
}

void read_listeners(const Access& access, Look& look) {
  const auto status =
      access.can_use_netlink
          ? ask_both_families(access,
                              {.family = 0, .protocol = IPPROTO_TCP, .states = bit(kListen)}, look)
          : no_netlink();
  if (!status) tell_blind(look, "TCP listeners", status.error(), {model::Stage::kListen});
}

void read_tcp_established(const Access& access, Look& look) {
  const auto status = access.can_use_netlink ? ask_both_families(access,
                                                                 {.family = 0,
                                                                  .protocol = IPPROTO_TCP,
                                                                  .states = kConnections,
                                                                  .with_tcp_info = true},
                                                                 look)
                                             : no_netlink();
  if (!status) tell_blind(look, "TCP connections", status.error(), {model::Stage::kTcp});
}

extern const Source sockets;
const Source sockets = {
    .name = "sockets", .scope = Scope::kNetns, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
