// The lower rungs against the running kernel.
#include "probes/drops/live_fixture.h"

namespace probes::drops {
namespace {

using testing::HasSubstr;

// Without BTF nothing is known of a packet but where it ended and why, yet the count is exact.
TEST_F(LiveDrops, TheTracepointCountsAsExactly) {
  auto attached = attach({.only = Rung::kTracepoint}, reasons_);
  if (!attached) GTEST_SKIP() << attached.error().what;
  EXPECT_EQ(attached->rung, Rung::kTracepoint);
  EXPECT_TRUE(blind_spot(*attached));
  FullReceiver full;
  attached->probe->start(clock_->monotonic());
  in_new_namespace([&] { full.run(5000); });
  attached->probe->poll();
  const auto trace = attached->probe->finish(&symbols_, reasons_, [](const auto&) { return true; });
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->rung, "tracepoint");
  const auto* tally = tally_of(*trace, "", "udp_queue_rcv");
  ASSERT_NE(tally, nullptr);
  EXPECT_EQ(tally->packets + trace->recursion_misses, full.sent - full.received);
  EXPECT_EQ(tally->protocol, 0x0800);
  EXPECT_EQ(tally->reason, kernel_from(5, 17) ? "SOCKET_RCVBUFF" : "");
  EXPECT_EQ(tally->truesize_bytes, 0U);
  EXPECT_EQ(tally->ifindex, 0U);
}

TEST_F(LiveDrops, ARungThatWasAskedForIsNotReplacedByAnother) {
  const auto monitor = attach({.only = Rung::kDropMonitor}, reasons_);
  if (monitor) {
    EXPECT_EQ(monitor->rung, Rung::kDropMonitor);
  } else {
    EXPECT_THAT(monitor.error().what, HasSubstr("drop monitor"));
  }
}

}  // namespace
}  // namespace probes::drops
