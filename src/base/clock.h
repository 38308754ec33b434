// The clock seam: monotonic time for intervals, wall time for the report.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace base {

using Nanoseconds = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  // CLOCK_MONOTONIC, the time base of bpf_ktime_get_ns.
  [[nodiscard]] virtual Nanoseconds monotonic() const = 0;
  // Nanoseconds since the Unix epoch.
  [[nodiscard]] virtual Nanoseconds wall() const = 0;
};

[[nodiscard]] std::unique_ptr<Clock> system_clock();

// Set by hand: for tests.
class ManualClock : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now_; }
  [[nodiscard]] Nanoseconds wall() const override { return epoch_ + now_; }
  void advance(Nanoseconds by) { now_ += by; }

 private:
  Nanoseconds now_{0};
  Nanoseconds epoch_{std::chrono::seconds(1'700'000'000)};
};

// "2026-11-22T10:00:00.000Z" of nanoseconds since the Unix epoch.
[[nodiscard]] std::string utc_text(Nanoseconds wall);

}  // namespace base
