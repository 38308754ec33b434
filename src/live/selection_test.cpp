#include "live/selection.h"

#include <gtest/gtest.h>

namespace live {
namespace {

model::TracedPlace place() {
  return {.stage = model::Stage::kSocketRx,
          .klass = model::Class::kLoss,
          .reason = "SOCKET_RCVBUFF",
          .netns = "7",
          .device = "eth0"};
}

TEST(Selection, NothingAskedForIsEverythingButNoise) {
  auto noise = place();
  noise.klass = model::Class::kNoise;
  EXPECT_TRUE(Selection().takes(place()));
  EXPECT_FALSE(Selection().takes(noise));
  EXPECT_TRUE(Selection{.noise = true}.takes(noise));
}

TEST(Selection, EachPartCanRefuse) {
  EXPECT_TRUE(
      (Selection{.netns = {"7"}, .device = "eth0", .reasons = {"socket_rcvbuff"}}).takes(place()));
  EXPECT_FALSE(Selection{.netns = {"8"}}.takes(place()));
  EXPECT_FALSE(Selection{.device = "eth1"}.takes(place()));
  EXPECT_FALSE(Selection{.reasons = {"SOCKET"}}.takes(place()));
  EXPECT_FALSE(Selection{.stages = {model::Stage::kIp}}.takes(place()));
  EXPECT_TRUE((Selection{.stages = {model::Stage::kIp, model::Stage::kSocketRx}}).takes(place()));
}

TEST(Selection, OwnersAreAskedOfThoseWhoHaveOne) {
  const std::optional<model::Owner> dnsd =
      model::Owner{.pid = 812, .comm = "dnsd", .cgroup = "/system.slice/dnsd.service"};
  EXPECT_TRUE(Selection().takes(std::optional<model::Owner>()));
  EXPECT_FALSE(Selection{.comm = "dnsd"}.takes(std::optional<model::Owner>()));
  EXPECT_TRUE(Selection{.comm = "dnsd"}.takes(dnsd));
  EXPECT_FALSE(Selection{.comm = "dns"}.takes(dnsd));
  EXPECT_TRUE(Selection{.pid = 812}.takes(dnsd));
  EXPECT_FALSE(Selection{.pid = 8}.takes(dnsd));
  EXPECT_TRUE(Selection{.cgroup = "dnsd.service"}.takes(dnsd));
  EXPECT_FALSE(Selection{.cgroup = "web"}.takes(dnsd));
}

}  // namespace
}  // namespace live
