#include "model/timeline.h"

#include <gmock/gmock.h>

namespace model {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// A timeline of one counter, one value per point, 100 ms apart.
Timeline timeline_of(const std::vector<std::uint64_t>& values, const CounterId& id = "x.y") {
  Timeline timeline;
  for (const std::uint64_t value : values) {
    const auto since_start = static_cast<std::int64_t>(timeline.at_ns.size()) * 100'000'000;
    const std::uint32_t point = timeline.add_point(since_start);
    timeline.add(point, {{id, value}}, {});
  }
  return timeline;
}

std::uint64_t rise_of(const std::vector<std::uint64_t>& values) {
  return timeline_of(values).rise("x.y");
}

constexpr std::uint64_t kTop32 = 1ULL << 32;

TEST(SeriesTest, KeepsOnlyThePointsAtWhichTheValueChanged) {
  const Timeline timeline = timeline_of({5, 5, 5, 7, 7, 5});
  const Series* series = timeline.counter("x.y");
  ASSERT_NE(series, nullptr);
  EXPECT_THAT(series->steps,
              ElementsAre(Series::Step{0, 5}, Series::Step{3, 7}, Series::Step{5, 5}));
  EXPECT_EQ(series->first_read, 0U);
  EXPECT_EQ(series->last_read, 5U);
  EXPECT_EQ(series->first(), 5U);
  EXPECT_EQ(series->last(), 5U);
}

TEST(SeriesTest, GivesTheValueAsLastReadAtOrBeforeAPoint) {
  const Timeline timeline = timeline_of({5, 5, 8, 8});
  const Series* series = timeline.counter("x.y");
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(series->at(0), 5U);
  EXPECT_EQ(series->at(1), 5U);
  EXPECT_EQ(series->at(2), 8U);
  EXPECT_EQ(series->at(99), 8U);
  EXPECT_EQ(Series{}.at(3), 0U);
}

TEST(IncrementTest, IsTheRiseFromFirstToLast) {
  EXPECT_EQ(rise_of({5}), 0U);
  EXPECT_EQ(rise_of({5, 5}), 0U);
  EXPECT_EQ(rise_of({5, 8, 8, 20}), 15U);
  EXPECT_EQ(rise_of({0, UINT64_MAX}), UINT64_MAX);
}

TEST(IncrementTest, ACounterThatFellWasResetAndCountsFromZero) {
  const Timeline timeline = timeline_of({1000, 1010, 3, 4});
  const Increment rise = increment(*timeline.counter("x.y"));
  EXPECT_EQ(rise.amount, 14U);
  EXPECT_TRUE(rise.reset);
}

TEST(IncrementTest, ACounterThatFellToZeroAddsNothing) {
  const Timeline timeline = timeline_of({1000, 0});
  const Increment rise = increment(*timeline.counter("x.y"));
  EXPECT_EQ(rise.amount, 0U);
  EXPECT_TRUE(rise.reset);
}

TEST(IncrementTest, ACounterOf32BitsWrapsFromTheTopToTheBottom) {
  const Timeline timeline = timeline_of({kTop32 - 10, 5});
  const Increment rise = increment(*timeline.counter("x.y"));
  EXPECT_EQ(rise.amount, 15U);
  EXPECT_FALSE(rise.reset);
  EXPECT_EQ(rise_of({kTop32 - 1, 0}), 1U);
  // From the middle it cannot have wrapped.
  EXPECT_EQ(rise_of({kTop32 / 2, 5}), 5U);
  // A value above 32 bits is of a counter of 64 bits: reset.
  EXPECT_EQ(rise_of({kTop32 + 10, 5}), 5U);
}

TEST(IncrementTest, ResetsAndWrapsBetweenPointsAreAllCounted) {
  EXPECT_EQ(rise_of({kTop32 - 10, 5, 9, 2, 4}), 15U + 4 + 2 + 2);
}

TEST(IncrementTest, BetweenTwoPointsTakesOnlyTheStepsAfterTheFirst) {
  const Timeline timeline = timeline_of({10, 20, 30, 40});
  const Series& series = *timeline.counter("x.y");
  EXPECT_EQ(increment(series, 0, 3).amount, 30U);
  EXPECT_EQ(increment(series, 1, 2).amount, 10U);
  EXPECT_EQ(increment(series, 2, 2).amount, 0U);
  EXPECT_EQ(increment(series, 3, 9).amount, 0U);
}

TEST(IncrementTest, OfTwoHalvesIsThatOfTheWhole) {
  const Timeline timeline = timeline_of({7, kTop32 - 3, 4, 900, 2, 2, 50});
  const Series& series = *timeline.counter("x.y");
  for (std::uint32_t middle = 0; middle <= 6; ++middle) {
    EXPECT_EQ(increment(series, 0, middle).amount + increment(series, middle, 6).amount,
              increment(series).amount)
        << middle;
  }
}

// A counter that appears inside the window started from 0: its first value is a rise.
TEST(BornTest, TheFirstValueOfANewCounterIsARise) {
  Timeline timeline;
  timeline.add(timeline.add_point(0), {}, {});
  timeline.add(timeline.add_point(1), {{"snmp.IcmpMsg.InType3", 4}}, {});
  timeline.add(timeline.add_point(2), {{"snmp.IcmpMsg.InType3", 6}}, {});
  const Series& series = *timeline.counter("snmp.IcmpMsg.InType3");
  EXPECT_TRUE(series.born);
  EXPECT_EQ(increment(series).amount, 6U);
  EXPECT_THAT(rises(timeline, series), ElementsAre(4, 2));
  EXPECT_EQ(increment(series, 0, 1).amount, 4U);
  EXPECT_EQ(increment(series, 1, 2).amount, 2U);
}

TEST(BornTest, ACounterOfTheFirstPointIsNotBorn) {
  const Timeline timeline = timeline_of({100, 101});
  EXPECT_FALSE(timeline.counter("x.y")->born);
  EXPECT_EQ(timeline.rise("x.y"), 1U);
}

// They move with their device or are older than the first look at them.
TEST(BornTest, CountersOfDevicesAndQdiscsAreNotBorn) {
  for (const CounterId id : {"link.rx_packets", "ethtool.rx_missed", "qdisc.drops"}) {
    Timeline timeline;
    timeline.add(timeline.add_point(0), {}, {});
    timeline.add(timeline.add_point(1), {{id, 1000}}, {});
    timeline.add(timeline.add_point(2), {{id, 1003}}, {});
    EXPECT_EQ(timeline.rise(id), 3U) << id;
  }
}

TEST(RisesTest, HasOneNumberPerIntervalAndAddsUpToTheIncrement) {
  const Timeline timeline = timeline_of({5, 5, 8, 3, 3, 10});
  const Series& series = *timeline.counter("x.y");
  const auto per_interval = rises(timeline, series);
  EXPECT_THAT(per_interval, ElementsAre(0, 3, 3, 0, 7));
  std::uint64_t sum = 0;
  for (const std::uint64_t rise : per_interval) sum += rise;
  EXPECT_EQ(sum, increment(series).amount);
}

TEST(TimelineTest, WhatWasNotReadIsNull) {
  const Timeline timeline = timeline_of({5});
  EXPECT_EQ(timeline.counter("none"), nullptr);
  EXPECT_EQ(timeline.gauge("x.y"), nullptr);
  EXPECT_EQ(timeline.rise("none"), 0U);
}

TEST(TimelineTest, GaugesAreKeptApartFromCounters) {
  Timeline timeline;
  timeline.add(timeline.add_point(0), {{"c", 1}}, {{"g", 7}});
  timeline.add(timeline.add_point(1), {{"c", 2}}, {{"g", 3}});
  EXPECT_THAT(timeline.counters, SizeIs(1));
  EXPECT_EQ(timeline.gauge("g")->last(), 3U);
  EXPECT_EQ(timeline.gauge("g")->at(0), 7U);
}

TEST(TimelineTest, LastsFromTheFirstToTheLastPoint) {
  EXPECT_EQ(Timeline{}.seconds(), 0);
  EXPECT_EQ(Timeline{}.last_point(), 0U);
  const Timeline timeline = timeline_of({1, 1, 1});
  EXPECT_DOUBLE_EQ(timeline.seconds(), 0.2);
  EXPECT_EQ(timeline.last_point(), 2U);
}

// Sources leave out what did not change between points.
TEST(TimelineTest, ACounterLeftOutAtAPointKeepsItsValue) {
  Timeline timeline;
  timeline.add(timeline.add_point(0), {{"a", 1}, {"b", 5}}, {});
  timeline.add(timeline.add_point(1), {{"a", 2}}, {});
  timeline.add(timeline.add_point(2), {{"a", 2}, {"b", 6}}, {});
  EXPECT_EQ(timeline.counter("b")->at(1), 5U);
  EXPECT_EQ(timeline.rise("b"), 1U);
  EXPECT_FALSE(timeline.counter("b")->born);
}

// The look that ended at 2 s began at 1 s, before the span did.
TEST(HeldBetweenTest, LeavesOutALookThatBeganBeforeTheSpan) {
  Timeline timeline;
  for (const std::uint64_t second : {0, 1, 2, 3, 4, 5}) {
    timeline.add(timeline.add_point(static_cast<std::int64_t>(second) * 1'000'000'000), {},
                 {{"queue", second * 10}});
  }
  const auto& queue = *timeline.gauge("queue");
  EXPECT_THAT(held_between(timeline, queue, 0, 1.5, 4.5), ElementsAre(30, 40));
  EXPECT_THAT(held_between(timeline, queue, 0, 0, 2), ElementsAre(0, 10, 20));
  EXPECT_THAT(held_between(timeline, queue, 4, 0, 5), ElementsAre(40, 50));
}

}  // namespace
}  // namespace model
