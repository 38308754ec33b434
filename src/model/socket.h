// Sockets, what TCP tells of them, and who holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/boxed.h"
#include "model/netns.h"

namespace model {

struct Owner {
  std::uint32_t pid = 0;
  std::string comm;
  std::string cgroup;
  std::optional<std::string> unit;
  std::optional<std::string> container;
  friend bool operator==(const Owner&, const Owner&) = default;
};

// What the kernel tells of a TCP connection, in its struct tcp_info and beside it.
struct TcpInfo {
  std::string timer;             // "retransmit", "keepalive", "time-wait", "probe"; "" = none runs
  std::uint32_t timer_ms = 0;    // until it expires
  std::string congestion;        // "cubic"
  std::string congestion_state;  // "open", "disorder", "cwr", "recovery", "loss"
  std::uint32_t retransmitted = 0;  // segments, since it was opened
  std::uint32_t lost = 0;           // segments that are taken for lost now
  std::uint32_t rtt_us = 0;         // smoothed
  std::uint32_t rtt_variance_us = 0;
  std::uint32_t min_rtt_us = 0;
  std::uint32_t receive_rtt_us = 0;  // as the receiver sees it; 0 = not measured
  std::uint32_t rto_us = 0;
  std::uint32_t ato_us = 0;
  std::uint32_t backoff = 0;   // how often the RTO was doubled
  std::uint32_t cwnd = 0;      // segments
  std::uint32_t ssthresh = 0;  // segments; 2147483647 = none yet
  std::uint32_t send_mss = 0;  // bytes, as the next ones
  std::uint32_t receive_mss = 0;
  std::uint32_t advertised_mss = 0;
  std::uint32_t path_mtu = 0;
  std::uint32_t send_window = 0;  // the peer's, bytes
  std::uint32_t unacked = 0;      // segments
  std::uint32_t sacked = 0;       // segments
  std::uint32_t reordering = 0;   // segments that may overtake each other
  std::uint32_t reorderings_seen = 0;
  std::uint32_t dsacks = 0;        // segments that the peer had already
  std::uint32_t out_of_order = 0;  // segments received
  std::uint32_t segments_sent = 0;
  std::uint32_t segments_received = 0;
  std::uint32_t data_segments_sent = 0;
  std::uint32_t data_segments_received = 0;
  std::uint32_t delivered = 0;         // segments
  std::uint32_t delivered_ce = 0;      // of them marked by ECN
  std::uint32_t receive_space = 0;     // bytes
  std::uint32_t receive_ssthresh = 0;  // bytes
  std::uint32_t not_sent_bytes = 0;
  std::uint32_t last_data_sent_ms = 0;      // ago
  std::uint32_t last_data_received_ms = 0;  // ago
  std::uint32_t last_ack_received_ms = 0;   // ago
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_retransmitted = 0;
  std::uint64_t bytes_acked = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t pacing_bytes_per_s = 0;  // all ones = not paced
  std::uint64_t delivery_bytes_per_s = 0;
  std::uint64_t busy_us = 0;               // with data to send
  std::uint64_t limited_by_peer_us = 0;    // of that, by its receive window
  std::uint64_t limited_by_buffer_us = 0;  // of that, by the send buffer
  friend bool operator==(const TcpInfo&, const TcpInfo&) = default;
};

// A socket as sock_diag shows it. Sizes in bytes; for a listener `receive_queue` is the length of
// the accept queue and `send_queue` its limit, both in connections.
struct Socket {
  Inode netns;
  std::string protocol;  // "udp", "tcp", "raw"
  int family = 4;        // 4 or 6
  std::string state;     // "listen", "established", "unconnected", …
  std::string local;
  std::uint16_t local_port = 0;  // of "raw" the number of the protocol that it receives
  std::string remote;
  std::uint16_t remote_port = 0;
  std::uint32_t ifindex = 0;  // bound device, 0 = none
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;
  std::uint32_t uid = 0;
  std::uint64_t receive_queue = 0;
  std::uint64_t send_queue = 0;
  std::uint64_t receive_memory = 0;  // sk_rmem_alloc: truesize queued
  std::uint64_t receive_buffer = 0;  // sk_rcvbuf
  std::uint64_t send_memory = 0;
  std::uint64_t send_buffer = 0;
  std::uint64_t drops = 0;                      // sk_drops at the last look
  std::optional<std::uint64_t> drops_at_start;  // nothing where it was born inside the window
  bool vanished = false;                        // closed before the window ended
  base::Boxed<TcpInfo> tcp;
  base::Boxed<Owner> owner;
  friend bool operator==(const Socket&, const Socket&) = default;
};

}  // namespace model
