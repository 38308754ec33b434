#include <gmock/gmock.h>

#include "probes/drops/tables_by_hand.h"

namespace probes::drops {
namespace {

using testing::SizeIs;

wire::DropSample told_sample(std::uint32_t cpu, std::uint16_t cell, std::uint64_t before,
                             std::uint64_t at_ns, std::uint32_t own = 1) {
  wire::DropSample sample{};
  sample.time_ns = static_cast<std::uint64_t>(kStart.count()) + at_ns;
  sample.cpu = static_cast<std::uint16_t>(cpu);
  sample.cell = cell;
  sample.packets = before;
  sample.own_packets = own;
  return sample;
}

// Each stands for what was dropped since the one before it: together for all up to the last.
TEST(Tallies, WhatIsToldAddsUp) {
  Tables tables;
  Tallies tallies(true);
  tables.drop(0, 3, key(kUdpQueue), 100);
  tallies.start(tables, kStart);
  tallies.take(told_sample(0, 3, 104, 50, 3));
  tallies.take(told_sample(0, 3, 100, 10));
  tallies.take(told_sample(1, 3, 0, 20));
  tables.drop(0, 3, key(kUdpQueue), 12);
  tables.drop(1, 3, key(kUdpQueue), 1);
  tallies.read(tables);
  const auto told = tallies.told(all_known());
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[0].packets, 1U);
  EXPECT_EQ(told[1].sample.cpu, 1U) << "in the order of their time";
  EXPECT_EQ(told[2].packets, 6U) << "three that had no sample, and three in one";
  EXPECT_EQ(told[2].sample.at_ns, 50);
  EXPECT_THAT(tallies.told(all_known()), SizeIs(0)) << "told once";
  const auto trace = tallies.trace(all_known());
  EXPECT_THAT(trace.tallies.at(0).by_cpu, testing::ElementsAre(12U, 1U));
}

TEST(Tallies, WithoutATraceNothingIsKeptForTelling) {
  Tables tables;
  Tallies tallies;
  tallies.start(tables, kStart);
  tables.drop(0, 3, key(kUdpQueue), 1);
  tallies.take(told_sample(0, 3, 0, 10));
  tallies.read(tables);
  EXPECT_THAT(tallies.told(all_known()), SizeIs(0));
}

}  // namespace
}  // namespace probes::drops
