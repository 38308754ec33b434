#include "cli/snapshot_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

model::Evidence evidence() {
  model::Evidence evidence;
  evidence.netns = {{.id = "1", .name = "init"}};
  evidence.devices = {
      {.netns = "1", .ifindex = 2, .name = "eth0", .kind = "physical", .driver = "vmxnet3"}};
  const model::Snapshot counters = {
      {R"(ethtool.pkts rx OOB{dev="eth0",netns="1",queue="0"})", 9},
      {R"(link.rx_missed_errors{dev="eth0",netns="1"})", 0},
      {R"(link.rx_packets{dev="eth0",netns="1"})", 100},
      {R"(snmp.Udp.RcvbufErrors{netns="1"})", 5},
  };
  const model::Snapshot gauges = {{R"(sockstat.UDP.inuse{netns="1"})", 3}};
  evidence.timeline.add(evidence.timeline.add_point(0), counters, gauges);
  evidence.settings = {{R"(sysctl.net.core.rmem_max{shared="host"})", "212992"}};
  return evidence;
}

std::vector<std::string> names(const SnapshotFilter& filter) {
  std::vector<std::string> names;
  for (const auto& row : snapshot_rows(evidence(), filter)) {
    names.emplace_back(model::counter_name(row.id));
  }
  return names;
}

TEST(SnapshotRows, AreAllThatIsNotZero) {
  EXPECT_THAT(names({}),
              ElementsAre("ethtool.pkts rx OOB", "link.rx_packets", "snmp.Udp.RcvbufErrors",
                          "sockstat.UDP.inuse", "sysctl.net.core.rmem_max"));
  EXPECT_THAT(names({.with_zeros = true}), SizeIs(6));
}

TEST(SnapshotRows, FitGlobsAndPartsOfNamesInAnyCase) {
  EXPECT_THAT(names({.names = {"rcvbuf"}}), ElementsAre("snmp.Udp.RcvbufErrors"));
  EXPECT_THAT(names({.names = {"RX_*"}}), ElementsAre("link.rx_packets"));
  EXPECT_THAT(names({.names = {"link.*", "sockstat.*"}}),
              ElementsAre("link.rx_packets", "sockstat.UDP.inuse"));
  EXPECT_THAT(names({.names = {"nosuch"}}), IsEmpty());
}

TEST(SnapshotRows, OfOneStageAreThoseThatTheTablesPutThere) {
  EXPECT_THAT(names({.stage = model::Stage::kRing, .with_zeros = true}),
              ElementsAre("ethtool.pkts rx OOB", "link.rx_missed_errors", "link.rx_packets"));
}

TEST(SnapshotRows, KnowWhatCountsLostPackets) {
  for (const auto& row : snapshot_rows(evidence(), {.with_zeros = true})) {
    const auto name = model::counter_name(row.id);
    const bool loss = name == "ethtool.pkts rx OOB" || name == "link.rx_missed_errors" ||
                      name == "snmp.Udp.RcvbufErrors";
    EXPECT_EQ(row.is_loss, loss) << name;
  }
}

TEST(SnapshotRows, HaveTheirCommandWhereItWasAskedFor) {
  EXPECT_EQ(snapshot_rows(evidence(), {.names = {"rcvbuf"}})[0].command, "");
  EXPECT_EQ(snapshot_rows(evidence(), {.names = {"rcvbuf"}, .with_commands = true})[0].command,
            "nstat -asz UdpRcvbufErrors");
}

}  // namespace
}  // namespace cli
