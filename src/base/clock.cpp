#include "base/clock.h"

#include <time.h>

#include <cstdio>

namespace base {
namespace {

Nanoseconds read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec);
}

class SystemClock : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return read_clock(CLOCK_MONOTONIC); }
  [[nodiscard]] Nanoseconds wall() const override { return read_clock(CLOCK_REALTIME); }
};

}  // namespace

std::unique_ptr<Clock> system_clock() {
  return std::make_unique<SystemClock>();
}

std::string utc_text(Nanoseconds wall) {
  const time_t seconds = static_cast<time_t>(wall.count() / 1'000'000'000);
  const int milliseconds = static_cast<int>(wall.count() / 1'000'000 % 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                milliseconds);
  return text;
}

}  // namespace base
