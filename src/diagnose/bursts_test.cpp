#include "diagnose/bursts.h"

#include <gtest/gtest.h>

#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

BurstShape shape_of(EvidenceBuilder& host) {
  return burst_shape(host.evidence(), book(host.evidence()).at(0));
}

TEST(Bursts, SlotsCloseTogetherAreOneBurst) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 60, 5001);
  auto& slots = host.evidence().drops.tallies[0].bursts;
  slots = {{10, 20, 10000, 25600}, {11, 20, 10000, 25600}, {40, 20, 10000, 25600}};
  const auto shape = shape_of(host);
  EXPECT_TRUE(shape.measured);
  EXPECT_EQ(shape.bursts, 2U);
  EXPECT_EQ(shape.largest_packets, 40U);
  EXPECT_EQ(shape.largest_truesize_bytes, 51200U);
  EXPECT_DOUBLE_EQ(shape.longest_s, 0.02);
  EXPECT_DOUBLE_EQ(shape.span_s, 0.31);
  EXPECT_NEAR(shape.active_share, 3.0 / 31, 1e-9);
  EXPECT_DOUBLE_EQ(shape.truesize_per_packet, 1280);
}

TEST(Bursts, TheBusiestHundredMillisecondsAreASlidingWindow) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 60, 5001);
  auto& slots = host.evidence().drops.tallies[0].bursts;
  slots = {{0, 10, 0, 1000}, {9, 10, 0, 2000}, {10, 10, 0, 4000}, {30, 30, 0, 3000}};
  EXPECT_EQ(shape_of(host).window_truesize_bytes, 6000U);
}

TEST(Bursts, OfAnotherSocketOrNamespaceDoNotCount) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 60, 5001).bursts(3, 10);
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 50, 5002).bursts(1, 10);
  EXPECT_EQ(shape_of(host).largest_packets, 20U);
}

TEST(Bursts, OfATraceWithoutPortsBelongToTheOnlySocketThatDropped) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 60).bursts(3, 10);
  host.counter("snmp.Udp.RcvbufErrors", 60).udp_socket(5001, 60, 8192);
  EXPECT_EQ(shape_of(host).largest_packets, 20U);
}

TEST(Bursts, NotMeasuredIsNotZeroBursts) {
  EvidenceBuilder host;
  host.counter("snmp.Udp.RcvbufErrors", 60);
  EXPECT_FALSE(shape_of(host).measured);
}

}  // namespace
}  // namespace diagnose
