#include "offline/contents.h"

#include <gmock/gmock.h>

namespace offline {
namespace {

TEST(Contents, WhatIsWanted) {
  for (const auto* path :
       {"proc/net/snmp", "proc/net", "proc/self", "proc/4711/net/udp6",
        "proc/self/net/stat/rt_cache", "proc/sys/net/core/rmem_max", "sys/class/net/eth0",
        "etc/machine-id", "sys/devices/virtual/net/lo/statistics/rx_bytes",
        "sos_commands/networking/ethtool_-S_eth0",
        "sos_commands/networking/namespaces/b/ip_netns_exec_b_nstat_-zas", "commands/dmesg",
        "namespaces/blue/proc/net/snmp", "namespaces/blue/commands/ss_-uanpem",
        "namespaces/blue/netns", "netns", "net/snmp", "snmp", "ethtool_-S_eth0"}) {
    EXPECT_TRUE(is_wanted(path)) << path;
  }
  for (const auto* path :
       {"proc/kallsyms", "proc/4711/environ", "proc/4711/net/tcp", "proc/net/nf_conntrack",
        "etc/shadow", "proc/sys/kernel/modprobe", "sos_commands/networking/firewall", "var/log/x",
        "namespaces/blue", "x/proc/net/snmp", ""}) {
    EXPECT_FALSE(is_wanted(path)) << path;
  }
}

TEST(Contents, LinksAreFollowedInside) {
  Contents contents;
  contents.put("proc/4711/net/snmp", "x", 0);
  contents.put_link("proc/net", "self/net");
  contents.put_link("proc/self", "4711");
  contents.put_link("a", "../../../../proc/net/snmp");
  contents.put_link("b", "/proc/net");
  contents.put_link("c", "d");
  contents.put_link("d", "c");
  EXPECT_EQ(contents.resolved("/proc/net/snmp"), "proc/4711/net/snmp");
  EXPECT_EQ(contents.resolved("a"), "proc/4711/net/snmp");
  EXPECT_NE(contents.find("b/snmp"), nullptr);
  EXPECT_EQ(contents.find("c/snmp"), nullptr);
  EXPECT_THAT(contents.names_in("/proc/net"), testing::ElementsAre("snmp"));
  const ReportFiles files(contents);
  EXPECT_EQ(files.read("/proc/net/snmp").value(), "x");
  EXPECT_FALSE(files.read("/proc/net/netstat"));
  EXPECT_FALSE(files.list("/nowhere"));
}

TEST(Contents, TheFolderOfAnArchiveIsTakenOff) {
  Contents contents;
  contents.put("sosreport-x/proc/net/snmp", "x", 0);
  contents.put_link("sosreport-x/proc/net/snmp6", "/sosreport-x/proc/net/snmp");
  contents.enter_only_folder();
  EXPECT_NE(contents.find("proc/net/snmp"), nullptr);
  EXPECT_NE(contents.find("proc/net/snmp6"), nullptr);
  contents.enter_only_folder();
  EXPECT_NE(contents.find("proc/net/snmp"), nullptr);
}

TEST(Contents, MoreThanMayBeIsLeftOutAndTold) {
  Contents contents;
  EXPECT_FALSE(contents.has_room_for("a", kMostFileBytes + 1));
  for (int file = 0; file < 15; ++file) {
    const auto name = "f" + std::to_string(file);
    ASSERT_TRUE(contents.has_room_for(name, kMostFileBytes));
    contents.put(name, std::string(kMostFileBytes, ' '), 0);
  }
  EXPECT_FALSE(contents.has_room_for("b", kMostFileBytes));
  EXPECT_EQ(contents.left_out().size(), 2U);
}

}  // namespace
}  // namespace offline
