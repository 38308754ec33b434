#include "base/clock.h"

#include <gmock/gmock.h>

namespace base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(UtcText, WritesMillisecondsOfTheEpoch) {
  EXPECT_EQ(utc_text(Nanoseconds(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(seconds(1'700'000'000) + milliseconds(7)), "2023-11-14T22:13:20.007Z");
  EXPECT_EQ(utc_text(Nanoseconds(999'999'999)), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(utc_text(seconds(951'782'400)), "2000-02-29T00:00:00.000Z");
}

TEST(SystemClock, MonotonicTimeDoesNotFallAndWallTimeIsOfThisCentury) {
  const auto clock = system_clock();
  const auto before = clock->monotonic();
  EXPECT_GE(clock->monotonic(), before);
  EXPECT_GT(clock->wall(), seconds(1'600'000'000));
}

TEST(ManualClock, MovesOnlyWhenAdvanced) {
  ManualClock clock;
  const auto wall = clock.wall();
  EXPECT_EQ(clock.monotonic(), Nanoseconds(0));
  clock.advance(milliseconds(100));
  EXPECT_EQ(clock.monotonic(), milliseconds(100));
  EXPECT_EQ(clock.wall() - wall, milliseconds(100));
}

}  // namespace
}  // namespace base
