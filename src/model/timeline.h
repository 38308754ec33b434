// What was read over the window: a point every 100 ms of what is cheap, everything at both ends.
//
// A series keeps only the points at which its value changed, so an idle host's 600 counters cost
// next to nothing. Two points are the poorest case (a sosreport, an old kernel): all code must do
// with them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/counter.h"

namespace model {

// Invariant: `steps` is sorted by point; a series without steps was never read.
struct Series {
  struct Step {
    std::uint32_t point = 0;  // index into Timeline::at_ns
    std::uint64_t value = 0;
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::vector<Step> steps;
  std::uint32_t first_read = 0;  // first point at which it was read
  std::uint32_t last_read = 0;   // last point at which it was read
  // True where the counter came into being inside the window (a new namespace, the first ICMP
  // message of a type): it started from 0, so its first value is a rise too.
  bool born = false;

  void add(std::uint32_t point, std::uint64_t value);
  // The value as last read at or before `point`; 0 before the first reading.
  [[nodiscard]] std::uint64_t at(std::uint32_t point) const;
  [[nodiscard]] std::uint64_t first() const { return steps.empty() ? 0 : steps.front().value; }
  [[nodiscard]] std::uint64_t last() const { return steps.empty() ? 0 : steps.back().value; }
  friend bool operator==(const Series&, const Series&) = default;
};

// How far a counter rose. A counter that fell was reset (its owner was replaced): counting starts
// again from 0, never at 2^64. One that fell from the top of 32 bits to the bottom wrapped.
struct Increment {
  std::uint64_t amount = 0;
  bool reset = false;
};

struct Timeline {
  // Nanoseconds since the start of the window, one per point, rising; the first is 0.
  std::vector<std::int64_t> at_ns;
  std::map<CounterId, Series, std::less<>> counters;
  std::map<CounterId, Series, std::less<>> gauges;

  // Index of the new point.
  std::uint32_t add_point(std::int64_t since_start_ns);
  void add(std::uint32_t point, const Snapshot& counters_read, const Snapshot& gauges_read);

  [[nodiscard]] std::uint32_t last_point() const;
  [[nodiscard]] double seconds() const;
  // Null where the counter was not read: "not measured" is not 0.
  [[nodiscard]] const Series* counter(std::string_view id) const;
  [[nodiscard]] const Series* gauge(std::string_view id) const;
  // 0 where it was not read: for sums.
  [[nodiscard]] std::uint64_t rise(std::string_view id) const;
  friend bool operator==(const Timeline&, const Timeline&) = default;
};

// The rise from the first to the last reading.
[[nodiscard]] Increment increment(const Series& series);

// The rise between two points, resets and wraps taken as above.
[[nodiscard]] Increment increment(const Series& series, std::uint32_t from, std::uint32_t to);

// The rise in each interval between points: points - 1 numbers.
[[nodiscard]] std::vector<std::uint64_t> rises(const Timeline& timeline, const Series& series);

// What a gauge held from `from_s` to `to_s` seconds, at points from `first_point` on at which it
// was read. A point's time is that of the end of a look, which on a slow machine takes long: only
// looks that began in the span count, for what they read may be of any moment of theirs.
[[nodiscard]] std::vector<std::uint64_t> held_between(const Timeline& timeline,
                                                      const Series& series,
                                                      std::uint32_t first_point, double from_s,
                                                      double to_s);

}  // namespace model
