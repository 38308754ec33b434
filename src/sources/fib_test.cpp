#include "sources/fib.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using testing_support::capture;
using testing_support::with_damage;

TEST(Fib, PrefixesOfEachTable) {
  Look look;
  parse_fib_triestat(
      "Basic info:\nMain:\n\tLeaves: 3\n\tPrefixes:       7\nId 100:\n\tPrefixes:       2\n", "7",
      look);
  EXPECT_THAT(look.gauges, ElementsAre(Pair("fib.prefixes{netns=\"7\",table=\"100\"}", 2),
                                       Pair("fib.prefixes{netns=\"7\",table=\"Main\"}", 7)));
}

// One address and its network on veth0, and lo: the kernel shows both names for one table as long
// as it has no rules.
TEST(Fib, OfACapture) {
  Look look;
  parse_fib_triestat(capture("6.18", "fib_triestat"), "7", look);
  EXPECT_GE(look.gauges.at("fib.prefixes{netns=\"7\",table=\"Main\"}"), 4U);
  parse_rt6_stats(capture("6.18", "rt6_stats"), "7", look);
  EXPECT_GT(look.gauges.at("fib6.routes{netns=\"7\"}"), 0U);
}

TEST(Fib6, NumbersAreHexadecimal) {
  Look look;
  parse_rt6_stats("0009 0006 0013 0010 0000 00ff 0000\n", "7", look);
  EXPECT_THAT(look.gauges, UnorderedElementsAre(Pair("fib6.nodes{netns=\"7\"}", 9),
                                                Pair("fib6.routes{netns=\"7\"}", 16),
                                                Pair("fib6.cached{netns=\"7\"}", 0),
                                                Pair("fib6.destinations{netns=\"7\"}", 255)));
  look = {};
  parse_rt6_stats("0009 0006\n", "7", look);
  EXPECT_THAT(look.gauges, IsEmpty());
}

TEST(Fib, DamagedTextDoesNoHarm) {
  with_damage(capture("6.18", "fib_triestat"), 200, [](const std::string& damaged) {
    Look look;
    parse_fib_triestat(damaged, "7", look);
    parse_rt6_stats(damaged, "7", look);
  });
}

}  // namespace
}  // namespace sources
