// TCP segments that this host sent again, and resets: who, how often, and in which state TCP was.
//
// A retransmission is a symptom, not a loss: the segment may have been lost here, elsewhere, or not
// at all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/netns.h"

namespace model {

// Why TCP sent a segment again, by the state that it was in.
enum class RetransmissionKind : std::uint8_t {
  kSyn,        // a connection that we ask for is not answered
  kSynAck,     // one that we were asked for is not confirmed
  kLossProbe,  // the last segment again, to provoke an answer, before the timeout
  kTimeout,    // the first segment after a retransmission timeout
  kLoss,       // what follows it; also after news of a smaller path MTU, or a refused TCP Fast Open
  kFast,       // acknowledgements told of a hole
  kOther,      // in a state in which no kernel that we know retransmits
  // Counted by the socket without an event: before 6.18, because it was not let out of this host.
  kUnseen,
};

inline constexpr std::size_t kRetransmissionKinds = 8;
using SegmentsByKind = std::array<std::uint64_t, kRetransmissionKinds>;

// "syn", "syn-ack", "loss-probe", "timeout", "loss", "fast", "other", "unseen".
[[nodiscard]] std::string_view name(RetransmissionKind kind);
[[nodiscard]] std::optional<RetransmissionKind> retransmission_kind_named(std::string_view name);

// One connection, or one listener: the SYN-ACKs of all its clients are its own, with no remote end.
struct RetransmittingFlow {
  Inode netns;     // "" = not a namespace of this host any more
  int family = 4;  // 4 or 6
  std::string local;
  std::uint16_t local_port = 0;
  std::string remote;  // "" of a listener
  std::uint16_t remote_port = 0;
  std::uint64_t cookie = 0;  // as in Socket; 0 = never asked for (before 5.12)
  std::uint64_t cgroup = 0;  // 0 = none
  SegmentsByKind segments{};
  std::uint64_t events = 0;
  std::uint64_t uncounted = 0;   // attempts that the kernel gave up before it counted them (6.18)
  std::uint64_t refused = 0;     // segments among them that this host itself did not let out
  std::uint64_t duplicates = 0;  // segments that the other end said it had already (DSACK)
  std::uint32_t total = 0;       // as TcpInfo::retransmitted, when it was looked at last
  std::int64_t first_ns = 0;     // since the start of the window; less than 0: before it
  std::int64_t last_ns = 0;
  bool closed = false;
  friend bool operator==(const RetransmittingFlow&, const RetransmittingFlow&) = default;
};

[[nodiscard]] std::uint64_t segments_of(const RetransmittingFlow& flow);

// Resets by (namespace, direction, reason, state of the socket).
struct ResetTally {
  Inode netns;
  bool sent = false;   // else received
  std::string reason;  // "NO_SOCKET"; "" where the kernel gives none
  std::string state;   // as Socket::state; "" = there was no socket
  std::uint64_t resets = 0;
  friend bool operator==(const ResetTally&, const ResetTally&) = default;
};

// What both kinds of samples tell of the connection.
struct TcpMoment {
  std::int64_t at_ns = 0;  // since the start of the window
  std::uint32_t cpu = 0;
  Inode netns;
  int family = 4;
  std::string local;
  std::uint16_t local_port = 0;
  std::string remote;
  std::uint16_t remote_port = 0;
  std::string state;  // as Socket::state; "" = there was no socket
  std::uint64_t cookie = 0;
  std::uint64_t inode = 0;  // of the socket; 0 = none, or none yet
  std::uint64_t cgroup = 0;
  std::vector<std::string> stack;  // "symbol+0xoffset", innermost first; empty unless asked for
  friend bool operator==(const TcpMoment&, const TcpMoment&) = default;
};

// One retransmission's story. The segment had no headers yet: what stands in them is told apart, so
// that they can be made up (SEQ, ACK, flags, addresses, ports; of the payload only the length).
struct RetransmissionSample {
  TcpMoment moment;
  std::uint32_t flow = 0;  // index into Retransmissions::flows
  RetransmissionKind kind = RetransmissionKind::kOther;
  std::uint32_t segments = 0;  // 0: given up before it was counted
  std::int32_t error = 0;      // why it did not leave: a negative errno, or 1 = a queue dropped it
  std::string congestion_state;  // as TcpInfo::congestion_state; "" for a SYN-ACK, as all below
  std::uint8_t tcp_flags = 0;    // of the header
  std::uint32_t sequence = 0;
  std::uint32_t length_bytes = 0;
  std::uint32_t acknowledges = 0;
  std::uint32_t rtt_us = 0;  // smoothed; 0 = not measured
  std::uint32_t rto_us = 0;  // 0 = could not be told
  std::uint32_t backoff = 0;
  std::uint32_t in_flight = 0;          // segments not acknowledged
  std::uint32_t retransmitted_now = 0;  // segments of them that were sent again
  std::uint32_t lost = 0;               // segments of them that are taken for lost
  std::uint32_t sacked = 0;             // segments of them that the other end has
  std::uint32_t cwnd = 0;               // segments
  std::uint32_t ssthresh = 0;           // segments; 2147483647 = none yet
  std::uint32_t send_window = 0;        // the other end's, bytes
  std::uint32_t total = 0;              // segments that the socket retransmitted until now
  friend bool operator==(const RetransmissionSample&, const RetransmissionSample&) = default;
};

struct ResetSample {
  TcpMoment moment;
  bool sent = false;
  std::string reason;
  friend bool operator==(const ResetSample&, const ResetSample&) = default;
};

// In each namespace the segments of its flows, those outside the table, and those of sockets that
// never had an event (before 6.18) add up to the rise of its RetransSegs.
struct Retransmissions {
  bool traced = false;  // false: nothing below means anything
  std::vector<RetransmittingFlow> flows;
  std::vector<ResetTally> resets;
  std::vector<RetransmissionSample> samples;
  std::vector<ResetSample> reset_samples;
  std::vector<std::uint64_t> series;   // segments per interval of the timeline
  std::uint64_t outside_events = 0;    // of flows that found no room in the table
  std::uint64_t outside_segments = 0;  // those that these events were about
  std::uint64_t outside_resets = 0;
  std::uint64_t samples_left_out = 0;
  std::uint64_t missed_runs = 0;  // events that the kernel did not show to the programs
  std::uint64_t map_bytes = 0;
  friend bool operator==(const Retransmissions&, const Retransmissions&) = default;
};

}  // namespace model
