// The queueing disciplines of a device as the counters and settings show them: which one dropped,
// what limits it, and how its queue moved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/bursts.h"
#include "model/evidence.h"

namespace diagnose {

struct Qdisc {
  std::string labels;       // of its counters and settings: "{dev=\"eth0\",handle=\"1:\",…}"
  std::string handle;       // "8001:"
  std::string kind;         // "tbf"
  std::string parent;       // "1:10"; "" = the root, or clsact
  std::uint64_t drops = 0;  // inside the window, without those of the qdiscs below it
  std::optional<std::uint64_t> limit_bytes;
  std::optional<std::uint64_t> limit_packets;
  // What it may send a second: its own rate, else that of the class or qdisc nearest above it.
  std::optional<std::uint64_t> rate_bytes_per_s;
  std::string rate_setting;  // where that stands
};

// The qdisc of the device that dropped most by its own counter; nothing where none did.
[[nodiscard]] std::optional<Qdisc> dropping_qdisc(const model::Evidence& evidence,
                                                  const model::Inode& netns,
                                                  const std::string& device);

// The rise of a counter `qdisc.drops`, less what the qdiscs right below it dropped: a parent counts
// the drops of its children again (sch->qstats.drops in the enqueue of htb, tbf, mq, prio, …).
[[nodiscard]] std::uint64_t own_drops(const model::Evidence& evidence, const model::CounterId& id);

// True where drops of the device with reason QDISC_DROP cannot have been those of a queue: no qdisc
// of it counted one, and the device said itself that it dropped, or is not up. A device without
// carrier has the qdisc noop, which drops all and is in no list.
[[nodiscard]] bool lost_to_a_dead_device(const model::Evidence& evidence, const model::Inode& netns,
                                         const std::string& device);

// Bytes a second that were offered to the qdisc: what it passed on and what of `dropped_packets` it
// did not, while drops went on, or over the whole window. Nothing where that was not measured.
[[nodiscard]] std::optional<double> offered_bytes_per_s(const model::Evidence& evidence,
                                                        const Qdisc& qdisc, const BurstShape& shape,
                                                        std::uint64_t dropped_packets,
                                                        bool only_while_dropping);

// True for kinds that drop only what finds no room: all that they drop was lost in a full queue.
[[nodiscard]] bool drops_only_when_full(std::string_view kind);

// How full the queue was, point by point.
struct Backlog {
  bool watched = false;  // at enough points to tell
  std::uint32_t points = 0;
  // Smallest share of the limit in use while drops went on; after a burst too short to watch, in
  // the time that followed it.
  double emptiest_share = 0;
  std::string gauge;  // its id
};
[[nodiscard]] Backlog backlog_of(const model::Evidence& evidence, const Qdisc& qdisc,
                                 const BurstShape& shape);

}  // namespace diagnose
