#include "sources/lnstat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;
using testing_support::capture;
using testing_support::kernels_with;
using testing_support::with_damage;

constexpr auto kHost = "{shared=\"host\"}";

Look look_at(std::string_view text) {
  Look look;
  parse_stat_table("t", text, kHost, look);
  return look;
}

TEST(Lnstat, SumsTheCpusAndTakesEntriesOnce) {
  const auto look =
      look_at("entries drop  found\n0000000a 00000001 00000000\n0000000a 0000000f ff\n");
  EXPECT_THAT(look.gauges, testing::ElementsAre(Pair("lnstat.t.entries{shared=\"host\"}", 10)));
  EXPECT_THAT(look.counters,
              testing::UnorderedElementsAre(Pair("lnstat.t.drop{shared=\"host\"}", 16),
                                            Pair("lnstat.t.found{shared=\"host\"}", 255)));
}

// An independent reading of the same text.
TEST(Lnstat, TellsEveryColumnOfEveryKernelCaptured) {
  for (const std::string table : {"arp_cache", "rt_cache"}) {
    const auto kernels = kernels_with("stat/" + table);
    ASSERT_GE(kernels.size(), 4U);
    for (const auto& kernel : kernels) {
      const auto text = capture(kernel, "stat/" + table);
      std::istringstream heading(text.substr(0, text.find('\n')));
      std::size_t columns = 0;
      for (std::string name; heading >> name;) ++columns;
      const auto look = look_at(text);
      EXPECT_EQ(look.counters.size() + look.gauges.size(), columns) << kernel << ' ' << table;
    }
  }
}

TEST(Lnstat, LinesThatDoNotFitAreLeftOut) {
  EXPECT_THAT(look_at("").counters, IsEmpty());
  EXPECT_THAT(look_at("entries drop\n").counters, IsEmpty());
  const auto look = look_at("entries drop\n1 2 3\n00000001 00000002\n");
  EXPECT_THAT(look.counters, Contains(Pair("lnstat.t.drop{shared=\"host\"}", 2)));
}

TEST(Lnstat, DamagedTextDoesNoHarm) {
  const auto text = capture("6.18", "stat/rt_cache");
  with_damage(text, 300, [&](const std::string& damaged) { (void)look_at(damaged); });
}

}  // namespace
}  // namespace sources
