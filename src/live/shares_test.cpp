#include "live/shares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace live {
namespace {

TEST(Shares, WhatWasSeenOneByOneIsExact) {
  Shares shares;
  for (int at = 0; at < 3; ++at) shares.add({{"a"}, "1"}, 1);
  shares.add({{"b"}, "1"}, 1);
  const auto rows = shares.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].what, std::vector<std::string>{"a"});
  EXPECT_EQ(rows[0].packets, 3U);
  EXPECT_EQ(rows[0].error, 0U);
}

// The truth lies within the stated error about 19 times of 20.
TEST(Shares, TheErrorHoldsWhatItSays) {
  std::mt19937_64 random(7);  // NOLINT: the same each time
  int inside = 0;
  int narrow = 0;
  constexpr int kTrials = 400;
  for (int trial = 0; trial < kTrials; ++trial) {
    Shares shares;
    std::uint64_t truth = 0;
    std::uint64_t since = 0;
    for (int packet = 0; packet < 20'000; ++packet) {
      const bool ours = random() % 10 < 3;
      truth += ours ? 1 : 0;
      ++since;
      if (random() % 64 != 0) continue;
      shares.add({{ours ? "ours" : "theirs"}, ""}, since);
      since = 0;
    }
    for (const auto& row : shares.rows()) {
      if (row.what[0] != "ours") continue;
      const auto off = std::fabs(static_cast<double>(row.packets) - static_cast<double>(truth));
      inside += off <= static_cast<double>(row.error) ? 1 : 0;
      narrow += row.error < 2000 ? 1 : 0;  // about 1,440 is expected of 312 samples
    }
  }
  EXPECT_GT(inside, kTrials * 0.92);
  EXPECT_EQ(narrow, kTrials) << "an error that holds anything says nothing";
}

TEST(Shares, AreBounded) {
  Shares shares;
  for (int at = 0; at < 70'000; ++at) shares.add({{std::to_string(at)}, ""}, 1);
  const auto rows = shares.rows();
  EXPECT_LE(rows.size(), 65'537U);
  std::uint64_t sum = 0;
  for (const auto& row : rows) sum += row.packets;
  EXPECT_EQ(sum, 70'000U);
}

}  // namespace
}  // namespace live
