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
#include <cstddef>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "sources/socket_text.h"
#include "sources/sockstat.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

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

std::string text_of(Bytes bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::string(text.substr(0, text.find('\0')));
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
std::optional<tcp_info> tcp_info_of(Bytes content) {
  if (content.size() < offsetof(tcp_info, tcpi_total_retrans) + 4) return {};
  tcp_info info{};
  std::memcpy(&info, content.data(), std::min(content.size(), sizeof info));
  return info;
}

// One of `words` by its number; "" for one that is not known.
std::string word(std::span<const std::string_view> words, unsigned number) {
  return std::string(number < words.size() ? words[number] : "");
}

model::TcpInfo described(const tcp_info& info, const inet_diag_msg& header) {
  // enum tcp_ca_state; and net/ipv4/tcp_diag.c, inet_diag.c: what runs on the socket's timers.
  constexpr auto kCongestion =
      std::to_array<std::string_view>({"open", "disorder", "cwr", "recovery", "loss"});
  constexpr auto kTimers =
      std::to_array<std::string_view>({"", "retransmit", "keepalive", "time-wait", "probe"});
  return model::TcpInfo{.timer = word(kTimers, header.idiag_timer),
                        .timer_ms = header.idiag_expires,
                        .congestion = {},
                        .congestion_state = word(kCongestion, info.tcpi_ca_state),
                        .retransmitted = info.tcpi_total_retrans,
                        .lost = info.tcpi_lost,
                        .rtt_us = info.tcpi_rtt,
                        .rtt_variance_us = info.tcpi_rttvar,
                        .min_rtt_us = info.tcpi_min_rtt,
                        .receive_rtt_us = info.tcpi_rcv_rtt,
                        .rto_us = info.tcpi_rto,
                        .ato_us = info.tcpi_ato,
                        .backoff = info.tcpi_backoff,
                        .cwnd = info.tcpi_snd_cwnd,
                        .ssthresh = info.tcpi_snd_ssthresh,
                        .send_mss = info.tcpi_snd_mss,
                        .receive_mss = info.tcpi_rcv_mss,
                        .advertised_mss = info.tcpi_advmss,
                        .path_mtu = info.tcpi_pmtu,
                        .send_window = info.tcpi_snd_wnd,
                        .unacked = info.tcpi_unacked,
                        .sacked = info.tcpi_sacked,
                        .reordering = info.tcpi_reordering,
                        .reorderings_seen = info.tcpi_reord_seen,
                        .dsacks = info.tcpi_dsack_dups,
                        .out_of_order = info.tcpi_rcv_ooopack,
                        .segments_sent = info.tcpi_segs_out,
                        .segments_received = info.tcpi_segs_in,
                        .data_segments_sent = info.tcpi_data_segs_out,
                        .data_segments_received = info.tcpi_data_segs_in,
                        .delivered = info.tcpi_delivered,
                        .delivered_ce = info.tcpi_delivered_ce,
                        .receive_space = info.tcpi_rcv_space,
                        .receive_ssthresh = info.tcpi_rcv_ssthresh,
                        .not_sent_bytes = info.tcpi_notsent_bytes,
                        .last_data_sent_ms = info.tcpi_last_data_sent,
                        .last_data_received_ms = info.tcpi_last_data_recv,
                        .last_ack_received_ms = info.tcpi_last_ack_recv,
                        .bytes_sent = info.tcpi_bytes_sent,
                        .bytes_retransmitted = info.tcpi_bytes_retrans,
                        .bytes_acked = info.tcpi_bytes_acked,
                        .bytes_received = info.tcpi_bytes_received,
                        .pacing_bytes_per_s = info.tcpi_pacing_rate,
                        .delivery_bytes_per_s = info.tcpi_delivery_rate,
                        .busy_us = info.tcpi_busy_time,
                        .limited_by_peer_us = info.tcpi_rwnd_limited,
                        .limited_by_buffer_us = info.tcpi_sndbuf_limited};
}

// False where the message is none of a socket of IP.
bool fill_socket(Bytes payload, int protocol, const model::Inode& netns, model::Socket& socket) {
  const auto header = base::read_plain<inet_diag_msg>(payload);
  if (!header) return false;
  if (header->idiag_family != AF_INET && header->idiag_family != AF_INET6) return false;
  const auto& id = header->id;
  socket.netns = netns;
  socket.protocol = protocol_name(protocol);
  socket.family = header->idiag_family == AF_INET ? 4 : 6;
  socket.state = socket_state(header->idiag_state, protocol);
  socket.local = socket_address(header->idiag_family, id.idiag_src);
  socket.local_port = ntohs(id.idiag_sport);
  socket.remote = socket_address(header->idiag_family, id.idiag_dst);
  socket.remote_port = ntohs(id.idiag_dport);
  socket.ifindex = id.idiag_if;
  socket.inode = header->idiag_inode;
  socket.cookie = id.idiag_cookie[0] | static_cast<std::uint64_t>(id.idiag_cookie[1]) << 32;
  socket.uid = header->idiag_uid;
  socket.receive_queue = header->idiag_rqueue;
  socket.send_queue = header->idiag_wqueue;
  const Bytes attributes = base::attributes_after(payload, sizeof(inet_diag_msg));
  Bytes congestion;
  base::for_each_attribute(attributes, [&](int type, Bytes content) {
    if (type == INET_DIAG_SKMEMINFO) take_memory(content, socket);
    if (type == INET_DIAG_CONG) congestion = content;
    if (type != INET_DIAG_INFO || protocol != IPPROTO_TCP) return;
    if (const auto info = tcp_info_of(content)) socket.tcp = described(*info, *header);
  });
  if (socket.tcp) socket.tcp->congestion = text_of(congestion);
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
  if (question.with_tcp_info) {
    request.idiag_ext |= 1U << (INET_DIAG_INFO - 1) | 1U << (INET_DIAG_CONG - 1);
  }
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
  const auto module = fmt::format("{}_diag", protocol_name(question.protocol));
  return {fmt::format("the kernel's module {} is not loaded", module),
          fmt::format("modprobe {}", module), error.number};
}

// How many sockets of each kind the namespace has, by the kernel's own count: a dump walks those of
// the whole host to find none. ("TCP: inuse 3 orphan 0 …" in /proc/net/sockstat, "TCP6: inuse 1" in
// sockstat6: those in TIME-WAIT are not in it)
class InUse {
 public:
  explicit InUse(const Access& access) : access_(access) {}

  // Nothing where the kernel does not say.
  std::optional<std::uint64_t> count(const Question& question) {
    const bool with_time_wait = (question.states & bit(kTimeWait)) != 0;
    if (question.protocol == IPPROTO_TCP && with_time_wait) return {};
    const bool six = question.family == AF_INET6;
    auto group = std::string(protocol_name(question.protocol));
    std::ranges::transform(group, group.begin(), [](unsigned char c) { return std::toupper(c); });
    return sockets_in_use(text_of(six ? six_ : four_, six ? "sockstat6" : "sockstat"),
                          six ? group + '6' : group);
  }

 private:
  // Each file is read when it is first asked for; "" where it is missing.
  const std::string& text_of(std::optional<std::string>& text, const char* file) {
    if (!text) text = access_.files.read(access_.proc_net + '/' + file).value_or("");
    return *text;
  }

  const Access& access_;
  std::optional<std::string> four_;
  std::optional<std::string> six_;
};

base::Status ask_both_families(const Access& access, InUse& in_use, Question question, Look& look) {
  for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
    question.family = family;
    const auto count = in_use.count(question);
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

// /proc/net/udp, udp6, raw, raw6: all but the sizes of the buffers.
void read_proc(const Access& access, int protocol, Look& look) {
  const auto path = fmt::format("{}/{}", access.proc_net, protocol_name(protocol));
  for (const int family : {4, 6}) {
    const auto text = access.files.read(family == 4 ? path : path + "6");
    // The second file is missing where the kernel has no IPv6.
    if (!text && family == 6) continue;
    if (!text) {
      const auto what = protocol == IPPROTO_UDP ? "UDP sockets" : "raw sockets";
      return tell_blind(look, what, text.error(), {model::Stage::kSocketRx});
    }
    for (auto& socket : parse_proc_sockets(*text, protocol, family, access.netns)) {
      look.sockets.push_back(std::move(socket));
    }
  }
}

std::unexpected<base::Error> no_netlink() {
  return base::failure("no right to enter the network namespace", "CAP_SYS_ADMIN");
}

void read_tcp(const Access& access, InUse& in_use, std::uint32_t states, Look& look) {
  const auto status =
      access.can_use_netlink
          ? ask_both_families(
                access, in_use,
                {.family = 0, .protocol = IPPROTO_TCP, .states = states, .with_tcp_info = true},
                look)
          : no_netlink();
  if (!status) tell_blind(look, "TCP connections", status.error(), {model::Stage::kTcp});
}

// sock_diag of a protocol is a module of its own (CONFIG_INET_UDP_DIAG, …_RAW_DIAG) and may be
// missing: then the error says so, and the sockets are those of /proc.
base::Status read_by_diag_or_proc(const Access& access, InUse& in_use, int protocol, Look& look) {
  if (!access.can_use_netlink) {
    read_proc(access, protocol, look);
    return {};
  }
  Look answered;
  auto status = ask_both_families(
      access, in_use,
      {.family = 0, .protocol = static_cast<std::uint8_t>(protocol), .states = kAllStates},
      answered);
  if (status) {
    std::ranges::move(answered.sockets, std::back_inserter(look.sockets));
  } else {
    read_proc(access, protocol, look);
  }
  return status;
}

void read_udp(const Access& access, InUse& in_use, Look& look) {
  const auto status = read_by_diag_or_proc(access, in_use, IPPROTO_UDP, look);
  if (!status) tell_blind(look, "buffer sizes of UDP sockets", status.error(), {});
}

// What is missing then is only how large their buffers are; raw_diag is missing on most hosts.
void read_raw(const Access& access, InUse& in_use, Look& look) {
  (void)read_by_diag_or_proc(access, in_use, IPPROTO_RAW, look);
}

void read_listening(const Access& access, InUse& in_use, Look& look) {
  const auto status =
      access.can_use_netlink
          ? ask_both_families(access, in_use,
                              {.family = 0, .protocol = IPPROTO_TCP, .states = bit(kListen)}, look)
          : no_netlink();
  if (!status) tell_blind(look, "TCP listeners", status.error(), {model::Stage::kListen});
}

void read(const Access& access, Look& look) {
  InUse in_use(access);
  read_udp(access, in_use, look);
  read_raw(access, in_use, look);
  read_listening(access, in_use, look);
}

}  // namespace

std::optional<model::Socket> parse_socket(Bytes payload, int protocol, const model::Inode& netns) {
  model::Socket socket;
  if (!fill_socket(payload, protocol, netns, socket)) return {};
  return socket;
}

void read_udp_sockets(const Access& access, Look& look) {
  InUse in_use(access);
  read_udp(access, in_use, look);
}

void read_raw_sockets(const Access& access, Look& look) {
  InUse in_use(access);
  read_raw(access, in_use, look);
}

void read_listeners(const Access& access, Look& look) {
  InUse in_use(access);
  read_listening(access, in_use, look);
}

void read_tcp_established(const Access& access, Look& look) {
  InUse in_use(access);
  read_tcp(access, in_use, kConnections, look);
}

void read_all_sockets(const Access& access, Look& look) {
  InUse in_use(access);
  read_udp(access, in_use, look);
  read_raw(access, in_use, look);
  read_tcp(access, in_use, kAllStates, look);
}

extern const Source sockets;
const Source sockets = {
    .name = "sockets", .scope = Scope::kNetns, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
