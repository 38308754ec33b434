// What `whydrop trace` tells: one drop, retransmission or reset at a time, and sums at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/evidence.h"
#include "model/stage.h"

namespace model {

enum class EventKind : std::uint8_t { kDrop, kRetransmission, kReset };

// Where packets are dropped, and what that means: all but `packets` and `by_cpu` tells one such
// place from another.
struct TracedPlace {
  std::string account;  // "udp.receive-buffer-full", "noise@ping_rcv"
  Stage stage = Stage::kNetwork;
  Direction direction = Direction::kReceive;
  Class klass = Class::kUnknown;
  std::string reason;    // "SOCKET_RCVBUFF"; "" where the kernel gives none
  std::string meaning;   // one sentence
  std::string location;  // "udp_queue_rcv_one_skb+0x437"
  Inode netns;
  std::string netns_name;
  std::uint32_t ifindex = 0;
  std::string device;  // "" = not known
  std::uint64_t packets = 0;
  std::vector<std::uint64_t> by_cpu;  // packets on CPU 0, 1, …
  friend bool operator==(const TracedPlace&, const TracedPlace&) = default;
};

// Where the bytes of a packet begin.
enum class HeaderStart : std::uint8_t { kUnknown, kNetwork, kLink };

struct TraceEvent {
  EventKind kind = EventKind::kDrop;
  std::int64_t at_wall_ns = 0;  // since the Unix epoch
  TracedPlace place;            // of a drop; `packets`: those that this line stands for
  std::uint32_t cpu = 0;
  std::uint32_t length_bytes = 0;
  std::optional<Flow> flow;
  std::optional<Owner> owner;  // who holds the socket; never the task that merely ran
  std::uint64_t cgroup = 0;
  std::vector<std::string> stack;  // "symbol+0xoffset", from the free outwards
  std::vector<std::uint8_t> bytes;
  HeaderStart starts_at = HeaderStart::kUnknown;
  bool headers_made_up = false;  // from fields: there was no packet yet
  // Of retransmissions and resets, in words: "fast retransmission, 2 of 10 in flight, RTT 0.2 ms".
  std::string what;
  std::string detail;
  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

// A share of what was dropped, from samples: `packets` of `of` in truth, give or take `error`.
struct TracedShare {
  // A flow: protocol, source, its port, destination, its port. An owner: its name, pid, cgroup. A
  // stack: innermost first.
  std::vector<std::string> what;
  Inode netns;
  std::string netns_name;
  std::uint64_t packets = 0;
  std::uint64_t error = 0;  // 95 % of the time; 0 = counted
  friend bool operator==(const TracedShare&, const TracedShare&) = default;
};

struct TraceSummary {
  std::int64_t duration_ns = 0;
  std::string rung;
  bool with_drops = true;           // false: not asked for
  std::uint64_t packets = 0;        // of all places
  std::vector<TracedPlace> places;  // most packets first
  std::uint64_t noise = 0;          // left out of `places`, because it was not asked for
  std::vector<TracedShare> flows;   // most packets first
  // Counted, where that was asked for: dropped packets by source prefix (/24, /64: one word), and
  // those received by flow and by source prefix. `error`: by how much a count may be too low.
  bool flows_counted = false;
  std::vector<TracedShare> sources;
  std::uint64_t received = 0;
  std::vector<TracedShare> received_flows;
  std::vector<TracedShare> received_sources;
  std::uint64_t packets_without_flow = 0;  // not IP
  std::vector<TracedShare> owners;         // likewise
  std::vector<TracedShare> stacks;         // likewise
  // TCP segments that were sent again, counted by flow (words as of `flows`, this host's end first)
  // and by kind; of flows that found no room, in sum. Resets: "sent" or "received", the kernel's
  // reason, the state of the socket.
  std::uint64_t retransmitted = 0;
  std::uint64_t retransmitted_outside = 0;
  std::vector<TracedShare> retransmitting;
  std::vector<TracedShare> retransmission_kinds;
  std::vector<TracedShare> resets;
  std::uint64_t events_told = 0;
  std::uint64_t packets_without_line = 0;  // counted, but no line stood for them
  std::uint64_t outside_table = 0;
  std::uint64_t recursion_misses = 0;
  std::vector<BlindSpot> blind_spots;
  Cost cost;
};

[[nodiscard]] std::string_view name(EventKind kind);

}  // namespace model
