#include "sources/buddyinfo.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::IsEmpty;
using testing_support::capture;
using testing_support::with_damage;

TEST(Buddyinfo, FreeBlocksOfEachOrder) {
  Look look;
  parse_buddyinfo("Node 0, zone      DMA      7      1 \nNode 1, zone   Normal      2      3 \n",
                  look);
  EXPECT_EQ(look.gauges.size(), 4U);
  EXPECT_EQ(
      look.gauges.at("buddyinfo.free{node=\"1\",order=\"1\",shared=\"host\",zone=\"Normal\"}"), 3U);
}

TEST(Buddyinfo, OfACapture) {
  Look look;
  parse_buddyinfo(capture("6.18", "buddyinfo"), look);
  EXPECT_EQ(look.gauges.size(), 3U * 11);
}

TEST(Buddyinfo, DamagedTextDoesNoHarm) {
  with_damage(capture("6.18", "buddyinfo"), 200, [](const std::string& damaged) {
    Look look;
    parse_buddyinfo(damaged, look);
  });
  Look look;
  parse_buddyinfo("", look);
  EXPECT_THAT(look.gauges, IsEmpty());
}

}  // namespace
}  // namespace sources
