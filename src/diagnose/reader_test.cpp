#include "diagnose/reader.h"

#include <gtest/gtest.h>

#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

// A socket with a buffer of 1,000 bytes; points are 100 ms apart.
Reader reader_with(const std::vector<std::uint64_t>& queue, const BurstShape& shape) {
  EvidenceBuilder host;
  host.udp_socket(5001, 10, 1000).queue(queue);
  return reader_of(host.evidence(), "1", 5001, shape);
}

TEST(Reader, WhatHappensAfterTheLastDropDoesNotExcuseASlowReader) {
  const auto reader = reader_with({0, 900, 950, 980, 900, 0, 0, 0},
                                  {.measured = true, .first_s = 0.1, .last_s = 0.4});
  EXPECT_TRUE(reader.watched);
  EXPECT_DOUBLE_EQ(reader.emptiest_share, 0.9);
}

TEST(Reader, AQueueThatDrainsBetweenDropsIsSeen) {
  const auto reader =
      reader_with({0, 900, 0, 980, 0, 900}, {.measured = true, .first_s = 0.1, .last_s = 0.5});
  EXPECT_DOUBLE_EQ(reader.emptiest_share, 0);
}

TEST(Reader, AfterOneShortBurstTheTimeThatFollowsTells) {
  const BurstShape burst{.measured = true, .first_s = 0.10, .last_s = 0.12};
  EXPECT_DOUBLE_EQ(reader_with({0, 0, 900, 900, 900, 900}, burst).emptiest_share, 0.9);
  EXPECT_DOUBLE_EQ(reader_with({0, 0, 900, 0, 0, 0}, burst).emptiest_share, 0);
}

// On a machine so slow that a look takes long.
TEST(Reader, AQueueThatIsFullAmongTheDropsAndAfterThemNeverDrained) {
  const BurstShape drops{.measured = true, .first_s = 0.05, .last_s = 0.25};
  EXPECT_DOUBLE_EQ(reader_with({0, 0, 900, 900, 950}, drops).emptiest_share, 0.9);
  EXPECT_FALSE(reader_with({0, 0, 900, 900, 0}, drops).watched);
  EXPECT_FALSE(reader_with({0, 0, 900, 900}, drops).watched);  // none of these looks began after
}

// Seven looks in five seconds, one of them while drops went on: what the queue did afterwards is no
// excuse for a reader that lost packets for so long.
TEST(Reader, AfterLongDropsThatCouldNotBeWatchedTheTimeThatFollowsTellsNothing) {
  const BurstShape drops{.measured = true, .first_s = 0.05, .last_s = 0.25, .span_s = 2.4};
  EXPECT_FALSE(reader_with({0, 0, 900, 0, 0, 0, 0}, drops).watched);
}

TEST(Reader, TooFewLooksAreNotAWatch) {
  EXPECT_FALSE(reader_with({0, 900}, {.measured = true, .first_s = 0, .last_s = 1}).watched);
}

}  // namespace
}  // namespace diagnose
