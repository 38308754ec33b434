#include "render/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace render {
namespace {

using testing::HasSubstr;
using testing::Not;
using Kind = SnapshotRow::Kind;

constexpr auto kWeb = "4026532281";

model::Evidence evidence() {
  model::Evidence evidence;
  evidence.version = "0.1.0";
  evidence.host.name = "web-3";
  evidence.host.kernel = "6.1.0-18-amd64";
  evidence.window.start_wall_ns = 1'795'000'000'000'000'000;
  evidence.window.duration_ns = 2'412'345;
  evidence.netns = {{.id = "4026531840", .name = "init"}, {.id = kWeb, .name = "web"}};
  evidence.devices = {{.netns = kWeb, .ifindex = 2, .name = "eth0", .kind = "veth"}};
  return evidence;
}

std::vector<SnapshotRow> rows() {
  return {{.id = R"(link.rx_missed_errors{dev="eth0",netns="4026532281"})",
           .value = "1522",
           .stage = model::Stage::kRing,
           .is_loss = true,
           .command = "ip -n web -s -s link show dev eth0"},
          {.id = R"(link.rx_packets{dev="eth0",netns="4026532281"})",
           .value = "18000000",
           .command = "ip -n web -s -s link show dev eth0"},
          {.id = R"(softnet.dropped{cpu="1",shared="host"})", .value = "7"},
          {.id = R"(sysctl.net.core.somaxconn{netns="4026531840"})",
           .kind = Kind::kSetting,
           .value = "4096"}};
}

std::string text(const TerminalStyle& style = {}) {
  const auto read = evidence();
  return terminal(SnapshotPage{.evidence = read, .rows = rows(), .read = 547}, style);
}

TEST(SnapshotText, SaysHowMuchWasReadAndInWhatTime) {
  EXPECT_THAT(text(), HasSubstr("4 of 547 values of 2 network namespaces"));
  EXPECT_THAT(text(), HasSubstr("read in 2.4 ms"));
}

TEST(SnapshotText, GroupsByNamespaceSourceAndDeviceTheHostFirst) {
  const auto page = text();
  EXPECT_THAT(page, HasSubstr("host\n  softnet\n    dropped  cpu 1  7\n"));
  EXPECT_THAT(page, HasSubstr("init\n  sysctl\n    net.core.somaxconn  4096\n"));
  EXPECT_THAT(page, HasSubstr("web\n  link eth0\n    $ ip -n web -s -s link show dev eth0\n"
                              "    rx_missed_errors       1,522\n"
                              "    rx_packets        18,000,000\n"));
  EXPECT_LT(page.find("\nhost\n"), page.find("\ninit\n"));
  EXPECT_LT(page.find("\ninit\n"), page.find("\nweb\n"));
}

TEST(SnapshotText, AVethDeviceIsNamedWithItsOtherEnd) {
  auto read = evidence();
  read.netns[0] = {.id = "4026532111", .pid = 812, .comm = "nginx", .unit = "shop.service"};
  read.devices = {{.netns = kWeb,
                   .ifindex = 2,
                   .name = "eth0",
                   .kind = "veth",
                   .peer = model::DevicePeer{.netns = "4026532111", .name = "veth7"}}};
  const auto page = terminal(SnapshotPage{.evidence = read, .rows = rows(), .read = 4}, {});
  EXPECT_THAT(page, HasSubstr("  link eth0 to veth7 in nginx (pid 812, unit shop.service)\n"));
}

TEST(SnapshotText, QuietIsTheFirstLineAlone) {
  const auto line = text({.verbosity = -1});
  EXPECT_THAT(line, HasSubstr("SNAPSHOT"));
  EXPECT_THAT(line, Not(HasSubstr("softnet")));
}

TEST(SnapshotText, NamesFromOutsideNeverReachTheTerminalAsTheyAre) {
  auto read = evidence();
  read.netns[1].name = "w\x1b[31m";
  const std::vector<SnapshotRow> hostile = {
      {.id = "ethtool.a\x1b]0;\x07{dev=\"e\x1b\",netns=\"4026532281\"}", .value = "1"}};
  const auto page = terminal(SnapshotPage{.evidence = read, .rows = hostile, .read = 1}, {});
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find('\x07'), std::string::npos);
}

TEST(SnapshotJson, HoldsTheIdsAsTheyAreAndValuesAsText) {
  const auto read = evidence();
  const auto document =
      nlohmann::json::parse(json(SnapshotPage{.evidence = read, .rows = rows(), .read = 547}));
  EXPECT_EQ(document["schema"], "whydrop.snapshot/1");
  EXPECT_EQ(document["read"], 547);
  ASSERT_EQ(document["values"].size(), 4U);
  const auto& first = document["values"][0];
  EXPECT_EQ(first["id"], R"(link.rx_missed_errors{dev="eth0",netns="4026532281"})");
  EXPECT_EQ(first["value"], "1522");
  EXPECT_EQ(first["kind"], "counter");
  EXPECT_EQ(first["stage"], "ring");
  EXPECT_EQ(first["loss"], true);
  EXPECT_EQ(document["values"][1]["stage"], nullptr);
  EXPECT_EQ(document["values"][2]["command"], nullptr);
  EXPECT_EQ(document["values"][3]["kind"], "setting");
}

}  // namespace
}  // namespace render
