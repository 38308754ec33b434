#include "probes/drops/tallies.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "probes/drops/tables_by_hand.h"

namespace probes::drops {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::SizeIs;

std::uint64_t burst_packets(const model::DropTally& tally) {
  return std::accumulate(tally.bursts.begin(), tally.bursts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& slot) { return sum + slot.packets; });
}

TEST(Tallies, WhatWasDroppedBeforeTheStartIsNotOfTheWindow) {
  Tables tables;
  Tallies tallies;
  tables.drop(0, 3, key(kUdpQueue), 1000);
  tables.drop(0, 4, key(kNetfilter), 5);
  tallies.start(tables, kStart);
  tables.drop(0, 3, key(kUdpQueue), 7);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(1));
  EXPECT_EQ(trace.tallies[0].packets, 7U);
  EXPECT_EQ(trace.tallies[0].bytes, 700U);
  EXPECT_EQ(trace.tallies[0].truesize_bytes, 7U * 768);
  EXPECT_EQ(tallies.packets(), 7U);
}

TEST(Tallies, OneKeyOnTwoCpusIsOneTally) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 3, key(kUdpQueue), 7);
  tables.drop(1, 200, key(kUdpQueue), 11);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(1));
  EXPECT_EQ(trace.tallies[0].packets, 18U);
  EXPECT_EQ(trace.tallies[0].netns, "4026531840");
  EXPECT_EQ(trace.tallies[0].ifindex, 1U);
}

TEST(Tallies, AttemptsToConnectAreATallyOfTheirOwn) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  auto opening = key(kUdpQueue);
  opening.opens = 1;
  tables.drop(0, 3, key(kUdpQueue), 7);
  tables.drop(0, 4, opening, 2);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(2));
  EXPECT_FALSE(trace.tallies[0].opens_connection);
  EXPECT_TRUE(trace.tallies[1].opens_connection);
  EXPECT_EQ(trace.tallies[1].packets, 2U);
}

TEST(Tallies, MostPacketsComeFirstAndSamplesFollow) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 1, key(kUdpQueue, 53), 1);
  tables.drop(0, 2, key(kUdpQueue, 5353), 9);
  wire::DropSample sample{};
  sample.time_ns = static_cast<std::uint64_t>((kStart + milliseconds(20)).count());
  sample.cell = 1;
  tallies.take(sample);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(2));
  EXPECT_EQ(trace.tallies[0].port, 5353);
  ASSERT_THAT(trace.samples, SizeIs(1));
  EXPECT_EQ(trace.samples[0].at_ns, 20'000'000);
  EXPECT_EQ(trace.tallies[trace.samples[0].tally].port, 53);
}

TEST(Tallies, AnUnknownNamespaceIsABucketOfItsOwn) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  auto unknown = key(kUdpQueue);
  unknown.netns = 0;
  auto foreign = key(kUdpQueue);
  foreign.netns = 12345;
  tables.drop(0, 1, unknown, 2);
  tables.drop(0, 2, foreign, 3);
  tables.drop(0, 3, key(kUdpQueue), 4);
  tallies.read(tables);
  Names names = all_known();
  names.known_netns = [](const auto& inode) { return inode == "4026531840"; };
  const auto trace = tallies.trace(names);
  ASSERT_THAT(trace.tallies, SizeIs(2));
  EXPECT_EQ(trace.tallies[0].netns, "");
  EXPECT_EQ(trace.tallies[0].ifindex, 0U);
  EXPECT_EQ(trace.tallies[0].packets, 5U);
  EXPECT_EQ(trace.tallies[1].netns, "4026531840");
}

TEST(Tallies, SeriesHoldsThePacketsOfEachInterval) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 1, key(kUdpQueue), 5);
  tallies.read(tables);
  tallies.read(tables);
  tables.drop(1, 1, key(kUdpQueue), 2);
  tables.drop(0, 1, key(kUdpQueue), 1);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(1));
  EXPECT_THAT(trace.tallies[0].series, ElementsAre(5, 0, 3));
}

TEST(Tallies, BurstsAreTheDropsBetweenOpenings) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tallies.take(tables.open(0, 1, kStartSlot + 2));
  tables.drop(0, 1, key(kUdpQueue), 40);
  tallies.take(tables.open(1, 9, kStartSlot + 2));
  tables.drop(1, 9, key(kUdpQueue), 2);
  tallies.take(tables.open(0, 1, kStartSlot + 7));
  tables.drop(0, 1, key(kUdpQueue), 3);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(1));
  EXPECT_THAT(
      trace.tallies[0].bursts,
      ElementsAre(
          model::BurstSlot{.slot = 2, .packets = 42, .bytes = 4200, .truesize_bytes = 42 * 768},
          model::BurstSlot{.slot = 7, .packets = 3, .bytes = 300, .truesize_bytes = 3 * 768}));
  EXPECT_TRUE(trace.tallies[0].bursts_complete);
}

TEST(Tallies, ASlotThatWasOpenAtTheStartCountsFromTheStart) {
  Tables tables;
  Tallies tallies;
  const auto before = tables.open(0, 1, kStartSlot - 1);
  tables.drop(0, 1, key(kUdpQueue), 100);
  tallies.start(tables, kStart);
  tallies.take(before);  // was still in the ring
  tables.drop(0, 1, key(kUdpQueue), 6);
  tallies.take(tables.open(0, 1, kStartSlot + 1));
  tables.drop(0, 1, key(kUdpQueue), 4);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(1));
  const auto& bursts = trace.tallies[0].bursts;
  ASSERT_THAT(bursts, SizeIs(2));
  EXPECT_EQ(bursts[0].slot, 0U);
  EXPECT_EQ(bursts[0].packets, 6U);
  EXPECT_EQ(bursts[1].slot, 1U);
  EXPECT_EQ(bursts[1].packets, 4U);
}

TEST(Tallies, ALostOpeningIsSaidAndNoPacketIsLost) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tallies.take(tables.open(0, 1, kStartSlot));
  tables.drop(0, 1, key(kUdpQueue), 10);
  (void)tables.open(0, 1, kStartSlot + 1);
  tables.drop(0, 1, key(kUdpQueue), 20);
  tallies.take(tables.open(0, 1, kStartSlot + 2));
  tables.drop(0, 1, key(kUdpQueue), 30);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.tallies, SizeIs(1));
  EXPECT_FALSE(trace.tallies[0].bursts_complete);
  EXPECT_EQ(burst_packets(trace.tallies[0]), 60U);
}

TEST(Tallies, ALostLastOpeningIsSaidToo) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tallies.take(tables.open(0, 1, kStartSlot));
  tables.drop(0, 1, key(kUdpQueue), 10);
  (void)tables.open(0, 1, kStartSlot + 1);
  tables.of(0).openings_left_out = 1;
  tables.drop(0, 1, key(kUdpQueue), 20);
  tallies.read(tables);
  EXPECT_FALSE(tallies.trace(all_known()).tallies[0].bursts_complete);
}

TEST(Tallies, LookingInBetweenChangesNothing) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tallies.take(tables.open(0, 1, kStartSlot));
  tables.drop(0, 1, key(kUdpQueue), 10);
  tallies.read(tables);
  const auto early = tallies.trace(all_known());
  EXPECT_EQ(early, tallies.trace(all_known()));
  EXPECT_EQ(burst_packets(early.tallies[0]), 10U);
  tallies.take(tables.open(0, 1, kStartSlot + 10));
  tables.drop(0, 1, key(kUdpQueue), 5);
  tallies.read(tables);
  EXPECT_EQ(burst_packets(tallies.trace(all_known()).tallies[0]), 15U);
}

TEST(Tallies, SlotsOfALongUptimeWrap) {
  Tables tables;
  Tallies tallies;
  // 2^32 slots of 10 ms are 497 days.
  constexpr std::chrono::nanoseconds kLate = std::chrono::hours(24 * 498);
  const auto slot = static_cast<std::uint32_t>(kLate.count() / wire::kDropSlotNs);
  tallies.start(tables, kLate);
  tallies.take(tables.open(0, 1, slot + 3));
  tables.drop(0, 1, key(kUdpQueue), 1);
  tallies.read(tables);
  EXPECT_EQ(tallies.trace(all_known()).tallies[0].bursts[0].slot, 3U);
}

TEST(Tallies, WhatIsLeftOutIsCountedFromTheStart) {
  Tables tables;
  Tallies tallies;
  tables.of(0).outside_packets = 100;
  tables.of(1).samples_left_out = 200;
  tallies.start(tables, kStart);
  tables.of(0).outside_packets += 3;
  tables.of(1).outside_packets += 4;
  tables.of(1).samples_left_out += 5;
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  EXPECT_EQ(trace.outside_table, 7U);
  EXPECT_EQ(trace.events_left_out, 5U);
  EXPECT_EQ(tallies.outside_table(), 7U);
}

TEST(Tallies, ABusyKeysSamplesAreThinnedOverTheWholeWindowAndCounted) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 1, key(kUdpQueue), 100'000);
  constexpr int kSamples = 1000;
  for (int at = 0; at < kSamples; ++at) {
    wire::DropSample sample{};
    sample.time_ns = static_cast<std::uint64_t>((kStart + milliseconds(at)).count());
    sample.cell = 1;
    tallies.take(sample);
  }
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  EXPECT_EQ(trace.events_sampled, trace.samples.size());
  EXPECT_EQ(trace.events_sampled + trace.events_left_out, static_cast<std::uint64_t>(kSamples));
  EXPECT_LE(trace.samples.size(), 64U);
  EXPECT_GE(trace.samples.size(), 16U);
  EXPECT_LT(trace.samples.front().at_ns, 100'000'000);
  EXPECT_GT(trace.samples.back().at_ns, 900'000'000);
}

TEST(Tallies, ASampleFromBeforeTheStartIsNotOfTheWindow) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 1, key(kUdpQueue), 1);
  wire::DropSample sample{};
  sample.time_ns = static_cast<std::uint64_t>((kStart - milliseconds(1)).count());
  sample.cell = 1;
  tallies.take(sample);
  tallies.read(tables);
  EXPECT_THAT(tallies.trace(all_known()).samples, SizeIs(0));
}

TEST(Tallies, AStackBeginsAtTheCallThatFreedThePacket) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 1, key(kUdpQueue), 1);
  wire::DropSample sample{};
  sample.time_ns = static_cast<std::uint64_t>(kStart.count());
  sample.cell = 1;
  sample.frames = 4;
  std::ranges::copy(std::vector<std::uint64_t>{0x10, 0x20, kUdpQueue, 0x30}, sample.stack);
  tallies.take(sample);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.samples, SizeIs(1));
  EXPECT_THAT(trace.samples[0].stack, ElementsAre("0xffffffff82047670", "0x30"));
}

TEST(Tallies, TextOfARecordIsNotReadPastItsEnd) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 1, key(kUdpQueue), 1);
  wire::DropSample sample{};
  sample.time_ns = static_cast<std::uint64_t>(kStart.count());
  sample.cell = 1;
  sample.frames = 255;
  sample.header_bytes = 65535;
  std::ranges::fill(sample.comm, 'x');
  tallies.take(sample);
  tallies.read(tables);
  const auto trace = tallies.trace(all_known());
  ASSERT_THAT(trace.samples, SizeIs(1));
  EXPECT_EQ(trace.samples[0].comm, std::string(16, 'x'));
  EXPECT_THAT(trace.samples[0].stack, SizeIs(wire::kDropFrames));
  EXPECT_THAT(trace.samples[0].headers_hex, SizeIs(2 * wire::kDropHeaderBytes));
}

}  // namespace
}  // namespace probes::drops
