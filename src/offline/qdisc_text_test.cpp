#include "offline/qdisc_text.h"

#include <gmock/gmock.h>

namespace offline {
namespace {

// tc -s -d qdisc show of iproute2 6.1, kernel 6.18; the child of htb is made up after tc's format.
constexpr std::string_view kQueues = R"(qdisc noqueue 0: dev lo root refcnt 2 
 Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) 
 backlog 0b 0p requeues 0
qdisc clsact ffff: dev veth1 parent ffff:fff1 
 Sent 0 bytes 0 pkt (dropped 3, overlimits 0 requeues 0) 
 backlog 0b 0p requeues 0
qdisc fq_codel 0: dev veth0 parent 8:1 limit 10240p flows 1024 quantum 1514 target 5ms
 Sent 340 bytes 4 pkt (dropped 0, overlimits 0 requeues 0) 
 backlog 12Kb 8p requeues 0
  maxpacket 0 drop_overlimit 0 new_flow_count 0 ecn_mark 0
qdisc tbf 1: dev up0 root refcnt 3 rate 1Mbit burst 5Kb/1 mpu 0b lat 41ms linklayer ethernet 
 Sent 15122 bytes 15 pkt (dropped 38, overlimits 60 requeues 0) 
 backlog 0b 0p requeues 0
qdisc pfifo 8001: dev br0 root refcnt 2 limit 20p
 Sent 164 bytes 2 pkt (dropped 0, overlimits 0 requeues 0) 
 backlog 0b 0p requeues 0
)";

TEST(QdiscText, CountersUnderTheIdsOfTheLiveSource) {
  sources::Look look;
  parse_tc_qdisc(kQueues, "7", look);
  const std::string tbf = R"({dev="up0",handle="1:",kind="tbf",netns="7"})";
  EXPECT_EQ(look.counters.at("qdisc.drops" + tbf), 38U);
  EXPECT_EQ(look.counters.at("qdisc.bytes" + tbf), 15122U);
  EXPECT_EQ(look.counters.at("qdisc.packets" + tbf), 15U);
  EXPECT_EQ(look.counters.at("qdisc.overlimits" + tbf), 60U);
  EXPECT_EQ(look.counters.at(R"(qdisc.drops{dev="veth1",handle="ffff:",kind="clsact",netns="7"})"),
            3U);
  const std::string child = R"({dev="veth0",handle="0:",kind="fq_codel",netns="7",parent="8:1"})";
  EXPECT_EQ(look.gauges.at("qdisc.qlen" + child), 8U);
  EXPECT_EQ(look.settings.at("qdisc.limit_packets" + child), "10240");
  EXPECT_EQ(look.settings.size(), 2U);
}

TEST(QdiscText, WhatIsCutIsLeftOut) {
  for (std::size_t length = 0; length < kQueues.size(); length += 5) {
    sources::Look look;
    parse_tc_qdisc(kQueues.substr(0, length), "7", look);
  }
}

}  // namespace
}  // namespace offline
