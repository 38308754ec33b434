#include "sources/conntrack.h"

#include <gmock/gmock.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "sources/capture.h"

namespace sources {

extern const Source conntrack;

namespace {

using testing::IsEmpty;
using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

// One connection was made from the namespace that was captured.
TEST(Conntrack, OfEachCpuAndOfTheTable) {
  Look look;
  const auto cpus = capture("6.18", "conntrack_stats_cpu.bin");
  parse_conntrack_cpus(base::netlink_messages(as_bytes(cpus)), "7", look);
  for (const auto* cpu : {"0", "1"}) {
    for (const auto* name : {"conntrack.found", "conntrack.insert_failed", "conntrack.drop",
                             "conntrack.clash_resolve", "conntrack.chaintoolong"}) {
      EXPECT_TRUE(look.counters.contains(model::counter_id(name, {{"cpu", cpu}, {"netns", "7"}})))
          << name << cpu;
    }
  }
  const auto table = capture("6.18", "conntrack_stats.bin");
  parse_conntrack_table(base::netlink_messages(as_bytes(table)), "7", look);
  EXPECT_EQ(look.gauges.at("conntrack.entries{netns=\"7\"}"), 1U);
  EXPECT_EQ(look.settings.at("conntrack.max_entries{netns=\"7\"}"), "262144");
}

TEST(Conntrack, IsNotAskedWhereItIsNotUsed) {
  Look look;
  const base::MemoryFiles files;
  const base::MemoryNetlink netlink;  // answers nothing: it would be a blind spot
  conntrack.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.blind_spots, IsEmpty());
}

TEST(Conntrack, AsksOnlyWhereTheModuleIsLoaded) {
  base::MemoryFiles files;
  files.put("/proc/sys/net/netfilter/nf_conntrack_count", "1\n");
  files.put("/proc/modules", "nf_conntrack 200704 1 - Live 0x0\n");
  Look look;
  const base::MemoryNetlink netlink;
  conntrack.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.blind_spots, IsEmpty());
  files.put("/proc/modules",
            "nf_conntrack_netlink 1 0 - Live 0x0\nnf_conntrack 200704 1 - Live 0x0\n");
  conntrack.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_EQ(look.blind_spots.size(), 1U);
}

TEST(Conntrack, DamagedAnswersDoNoHarm) {
  for (const auto* file : {"conntrack_stats_cpu.bin", "conntrack_stats.bin"}) {
    with_damage(capture("6.18", file), 300, [](const std::string& damaged) {
      Look look;
      const auto messages = base::netlink_messages(as_bytes(damaged));
      parse_conntrack_cpus(messages, "7", look);
      parse_conntrack_table(messages, "7", look);
    });
  }
}

}  // namespace
}  // namespace sources
