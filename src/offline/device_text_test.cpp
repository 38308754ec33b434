#include "offline/device_text.h"

#include <gmock/gmock.h>

namespace offline {
namespace {

// ip -s -s -d link of iproute2 6.1 in a namespace made for it, kernel 6.18; the long lines are
// shortened and some numbers changed, so that no two are equal.
constexpr std::string_view kLinks =
    R"(1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0 addrgenmode eui64
    RX:  bytes packets errors dropped  missed   mcast           
             0       0      0       0       0       0 
    RX errors:  length    crc   frame    fifo overrun
                     0      0       0       0       0 
    TX:  bytes packets errors dropped carrier collsns           
             0       0      0       0       0       0 
    TX errors: aborted   fifo  window heartbt transns
                     0      0       0       0       0 
3: veth0@veth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc htb master br0 state UP qlen 1000
    link/ether f2:85:d5:d5:8a:d0 promiscuity 1 minmtu 68 maxmtu 65535 
    veth 
    bridge_slave state forwarding priority 32 cost 2 addrgenmode eui64 numtxqueues 2 numrxqueues 2
    RX:  bytes packets errors dropped  missed   mcast           
           266       3      0       1       2       0 
    RX errors:  length    crc   frame    fifo overrun
                     3      4       5       6       7 
    TX:  bytes packets errors dropped carrier collsns           
           484       6      0       8       9       0 
    TX errors: aborted   fifo  window heartbt transns
                    10     11      12      13       2 
4: up0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc tbf state UP qlen 1000
    link/ether 6e:dc:0c:db:6b:ee link-netns blue promiscuity 0 minmtu 68 maxmtu 65535 
    veth addrgenmode eui64 numtxqueues 2
5: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc pfifo state UP qlen 1000
    link/ether f2:85:d5:d5:8a:d0 promiscuity 0 minmtu 68 maxmtu 65535 
    bridge forward_delay 1500 hello_time 200 addrgenmode eui64 numtxqueues 1 numrxqueues 1
)";

sources::Look look_at_links(std::string_view text) {
  sources::Look look;
  parse_ip_link(text, "7", look);
  return look;
}

TEST(DeviceText, DevicesWithTheirKinds) {
  const auto devices = look_at_links(kLinks).devices;
  ASSERT_EQ(devices.size(), 4U);
  EXPECT_EQ(devices[0].kind, "loopback");
  EXPECT_EQ(devices[0].operstate, "unknown");
  EXPECT_EQ(devices[1].name, "veth0");
  EXPECT_EQ(devices[1].kind, "veth");
  EXPECT_EQ(devices[1].master, "br0");
  EXPECT_EQ(devices[1].peer, (model::DevicePeer{.netns = "7", .name = "veth1"}));
  EXPECT_EQ(devices[2].peer_ifindex, 2U);
  EXPECT_EQ(devices[3].kind, "bridge");
  EXPECT_EQ(devices[3].mtu, 1400U);
  EXPECT_EQ(devices[3].txqueuelen, 1000U);
}

TEST(DeviceText, CountersByTheirHeadings) {
  auto counters = look_at_links(kLinks).counters;
  const auto of = [&](const std::string& name) {
    return counters.at("link." + name + "{dev=\"veth0\",netns=\"7\"}");
  };
  EXPECT_EQ(of("rx_packets"), 3U);
  EXPECT_EQ(of("rx_dropped"), 1U);
  EXPECT_EQ(of("rx_missed_errors"), 2U);
  EXPECT_EQ(of("rx_length_errors"), 3U);
  EXPECT_EQ(of("rx_over_errors"), 7U);
  EXPECT_EQ(of("tx_dropped"), 8U);
  EXPECT_EQ(of("tx_carrier_errors"), 9U);
  EXPECT_EQ(of("tx_fifo_errors"), 11U);
  EXPECT_EQ(of("carrier_changes"), 2U);
}

TEST(DeviceText, WhatIsCutOrStrangeIsLeftOut) {
  for (std::size_t length = 0; length < kLinks.size(); length += 7) {
    (void)look_at_links(kLinks.substr(0, length));
  }
  EXPECT_TRUE(look_at_links("x: y: z\n    veth\nRX:\n").devices.empty());
  EXPECT_TRUE(look_at_links("    RX:  bytes\n 1\n").counters.empty());
}

TEST(DeviceText, DriverStatisticsAsTheDriverNamesThem) {
  sources::Look look;
  parse_ethtool_statistics(
      "NIC statistics:\n     rx_drops: 4\n     rx: with: colons: 5\n     rx_drops: 6\nno: 7\n"
      "     Tx Queue#: 1\n       pkts: 8\n",
      "eth0", "7", look);
  EXPECT_THAT(look.counters,
              testing::UnorderedElementsAre(
                  testing::Pair("ethtool.rx_drops{dev=\"eth0\",netns=\"7\"}", 4),
                  testing::Pair("ethtool.rx: with: colons{dev=\"eth0\",netns=\"7\"}", 5),
                  testing::Pair("ethtool.rx_drops{dev=\"eth0\",netns=\"7\",nth=\"2\"}", 6),
                  testing::Pair("ethtool.pkts{dev=\"eth0\",netns=\"7\",queue=\"1\"}", 8)));
}

TEST(DeviceText, DriverAndRings) {
  EXPECT_EQ(parse_ethtool_driver("driver: virtio_net\nversion: 1.0.0\n"), "virtio_net");
  EXPECT_EQ(parse_ethtool_driver("netlink error: Operation not supported\n"), "");
  sources::Look look;
  parse_ethtool_rings(
      "Ring parameters for eth0:\nPre-set maximums:\nRX:\t\t256\nRX Mini:\tn/a\nTX:\t\t512\n"
      "Current hardware settings:\nRX:\t\t128\nRX Jumbo:\tn/a\nTX:\t\t64\n",
      "eth0", "7", look);
  EXPECT_EQ(look.settings.size(), 4U);
  EXPECT_EQ(look.settings.at("ethtool.ring.rx_max{dev=\"eth0\",netns=\"7\"}"), "256");
  EXPECT_EQ(look.settings.at("ethtool.ring.tx{dev=\"eth0\",netns=\"7\"}"), "64");
}

}  // namespace
}  // namespace offline
