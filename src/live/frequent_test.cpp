#include "live/frequent.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace live {
namespace {

TEST(Frequent, IsExactWhileThereIsRoom) {
  Frequent<int> frequent(10);
  for (int thing = 0; thing < 20; ++thing) frequent.add(thing, static_cast<unsigned>(thing) + 1);
  EXPECT_EQ(frequent.error(), 0U);
  ASSERT_EQ(frequent.rows().size(), 20U);
  EXPECT_EQ(frequent.rows().front(), std::pair(19, std::uint64_t{20}));
  EXPECT_EQ(frequent.total(), 210U);
}

// A flood of things that come once, and a few that come often: those are found, and the error
// holds.
TEST(Frequent, TheErrorHoldsTheTruth) {
  std::mt19937_64 random(3);  // NOLINT: the same each time
  Frequent<std::uint64_t> frequent(100);
  std::map<std::uint64_t, std::uint64_t> truth;
  for (int at = 0; at < 200'000; ++at) {
    const auto often = random() % 4;
    const std::uint64_t thing = often == 0 ? random() % 5 : 1000 + random() % 1'000'000;
    frequent.add(thing, 1);
    ++truth[thing];
  }
  const auto rows = frequent.rows();
  EXPECT_LE(rows.size(), 200U);
  for (std::size_t at = 0; at < 5; ++at) {
    EXPECT_LT(rows[at].first, 5U) << "the five that come often are the first";
  }
  for (const auto& [thing, packets] : rows) {
    EXPECT_LE(packets, truth[thing]);
    EXPECT_GE(packets + frequent.error(), truth[thing]);
  }
  EXPECT_LT(frequent.error(), 2'500U) << "an error that holds anything says nothing";
  frequent.set_unseen(7);
  EXPECT_EQ(frequent.total(), 200'000U);
}

}  // namespace
}  // namespace live
