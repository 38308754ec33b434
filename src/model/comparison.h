// Two windows side by side: what changed between them, and whether that is more than chance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/counter.h"
#include "model/evidence.h"

namespace model {

enum class Movement : std::uint8_t {
  kSame,     // not more than chance, or too small to matter
  kMore,     // B's rate is higher
  kLess,     // B's rate is lower
  kUnknown,  // cannot be compared: see `why`
};

// How sure it is that a change is no chance. Few bursts where there were none: far too many packets
// for single ones, but a burst or two are no proof.
enum class Certainty : std::uint8_t { kNone, kFewBursts, kLikely, kCertain };

// One counter in one of the two windows.
struct Rate {
  std::uint64_t count = 0;
  double per_second = 0;
  std::optional<double> per_packet;  // of the packets, segments or datagrams that it is a part of
  friend bool operator==(const Rate&, const Rate&) = default;
};

struct CounterChange {
  CounterId id;           // as in B; as in A where B lacks it
  std::string netns;      // what its namespace is called; "" = the host's
  std::optional<Rate> a;  // nothing where it was not read: no data is not zero
  std::optional<Rate> b;
  Movement movement = Movement::kSame;
  Certainty certainty = Certainty::kNone;
  double z = 0;                 // distance from "the same", in standard deviations
  std::optional<double> ratio;  // of B's rate to A's; nothing where A's is 0
  CounterId of;     // what per_packet is a part of, of several the first; "" = judged by
                    // the second
  std::string why;  // of kUnknown
  bool is_loss = false;
  bool tells_of_loss = false;  // also of what was refused, of policy, of symptoms
  friend bool operator==(const CounterChange&, const CounterChange&) = default;
};

struct SettingChange {
  std::string id;  // of the setting; "host.kernel", "device.driver{…}", "qdisc.kind{…}" for others
  std::string netns;
  std::optional<std::string> a;  // nothing where there was none
  std::optional<std::string> b;
  friend bool operator==(const SettingChange&, const SettingChange&) = default;
};

struct ComparedWindow {
  std::string name;  // of the baseline or the file
  Host host;
  Window window;
  std::uint64_t received = 0;  // packets, by physical devices or, without any, all but lo
  std::uint64_t sent = 0;
  std::uint64_t dropped = 0;  // packets freed as drops
  friend bool operator==(const ComparedWindow&, const ComparedWindow&) = default;
};

struct Comparison {
  ComparedWindow a;
  ComparedWindow b;
  // Why the two should not be compared: another host, another kind of window.
  std::vector<std::string> obstacles;
  // What to know of the two: another boot, other lengths.
  std::vector<std::string> notes;
  std::vector<CounterChange> counters;  // all that were read in either, most suspicious first
  std::vector<SettingChange> settings;  // those that changed, most suspicious first
  std::size_t settings_compared = 0;
};

[[nodiscard]] std::string_view name(Movement movement);
[[nodiscard]] std::string_view name(Certainty certainty);

}  // namespace model
