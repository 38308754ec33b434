// Traces without a namespace, and what counters say of where they were.
#include "diagnose/homeless.h"

#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::SizeIs;

EvidenceBuilder without_places() {
  EvidenceBuilder host;
  host.evidence().drops.rung = "tracepoint";
  host.evidence().netns.push_back({.id = "2", .name = "web"});
  return host;
}

std::uint64_t packets_in(const std::vector<Booked>& booked, const std::string& netns) {
  std::uint64_t packets = 0;
  for (const auto& one : booked) packets += one.account.at.netns == netns ? one.account.packets : 0;
  return packets;
}

TEST(Homeless, OneTallyOfTwoNamespacesIsSharedOutToTheirCounters) {
  auto host = without_places();
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 340, 0, "")
      .counter("snmp.Udp.RcvbufErrors", 300)
      .counter("snmp.Udp.RcvbufErrors", 40, "2");
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(2));
  EXPECT_EQ(packets_in(booked, "1"), 300U);
  EXPECT_EQ(packets_in(booked, "2"), 40U);
  for (const auto& one : booked) {
    EXPECT_EQ(one.account.reconciliation.state, model::Agreement::kAgree);
  }
}

TEST(Homeless, WhatNoCounterHasRoomForStaysWithoutAPlace) {
  auto host = without_places();
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 340, 0, "")
      .counter("snmp.Udp.RcvbufErrors", 300);
  const auto booked = book(host.evidence());
  EXPECT_EQ(packets_in(booked, "1"), 300U);
  EXPECT_EQ(packets_in(booked, ""), 40U);
}

TEST(Homeless, WithoutACounterOfItsOwnAnAccountIsWhereItsEchoesAre) {
  auto host = without_places();
  host.tally("ip_forward", "IP_INHDR", 300, 0, "").counter("snmp.Ip.InHdrErrors", 300, "2");
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(1));
  EXPECT_EQ(booked[0].account.account, "ip.ttl-expired");
  EXPECT_EQ(booked[0].account.at.netns, "2");
}

TEST(Homeless, ASelectionKeepsWhatMayBeItsOwn) {
  auto host = without_places();
  host.evidence().netns[1].selected = false;
  host.tally("do_xdp_generic", "XDP", 20, 0, "");
  EXPECT_THAT(diagnose(host.evidence()).accounts, SizeIs(1));
  host.evidence().drops.rung = "tp_btf";
  EXPECT_THAT(diagnose(host.evidence()).accounts, SizeIs(0));
}

// The packets may have been sent by a process of the namespace that was asked about.
TEST(Homeless, ALossElsewhereLeavesTheVerdictOpen) {
  auto host = without_places();
  host.evidence().netns[1].selected = false;
  EXPECT_EQ(diagnose(host.evidence()).verdict, model::Verdict::kHealthy);
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 40, 0, "")
      .counter("snmp.Udp.RcvbufErrors", 40, "2");
  EXPECT_EQ(diagnose(host.evidence()).verdict, model::Verdict::kInconclusive);
}

TEST(Homeless, TheHookInAStackTellsWhichWayAPacketWent) {
  auto host = without_places();
  host.tally("nf_hook_slow", "NETFILTER_DROP", 20, 0, "");
  EXPECT_EQ(book(host.evidence())[0].account.account, "netfilter.rule-drop");
  host.evidence().drops.samples.push_back(
      {.tally = 0, .stack = {"nf_hook_slow+0x1", "__ip_local_out+0x2"}});
  EXPECT_EQ(book(host.evidence())[0].account.account, "netfilter-out.rule-drop");
}

// 300 packets with the reason of a full queue, of no known device.
EvidenceBuilder without_a_device() {
  auto host = without_places();
  host.tally("__dev_queue_xmit", "QDISC_DROP", 300, 0, "");
  host.evidence().devices = {{.netns = "1", .name = "eth0", .operstate = "up"},
                             {.netns = "1", .name = "unused0", .operstate = "down"}};
  return host;
}

model::Device without_carrier(const std::string& name) {
  return {.netns = "2", .name = name, .operstate = "lowerlayerdown", .addresses = {"10.0.0.1/24"}};
}

std::uint64_t packets_on(const std::vector<Booked>& booked, std::string_view account) {
  std::uint64_t packets = 0;
  for (const auto& one : booked)
    packets += one.account.account == account ? one.account.packets : 0;
  return packets;
}

TEST(Homeless, WhatNetemCountedIsNetemsAndTheRestIsTheQueues) {
  auto host = without_a_device();
  host.counter_id(R"(qdisc.drops{dev="eth0",handle="8001:",kind="netem",netns="1"})", 180)
      .counter_id(R"(qdisc.drops{dev="web0",handle="8002:",kind="pfifo",netns="2"})", 120);
  const auto booked = book(host.evidence());
  EXPECT_EQ(packets_on(booked, "qdisc.emulated-loss"), 180U);
  EXPECT_EQ(packets_on(booked, "qdisc.queue-full"), 120U);
  EXPECT_EQ(packets_in(booked, "1"), 180U);
  EXPECT_EQ(packets_in(booked, "2"), 120U);
}

TEST(Homeless, WhatNoQueueCountedMetTheDeviceWithoutCarrier) {
  auto host = without_a_device();
  EXPECT_EQ(packets_on(book(host.evidence()), "qdisc.queue-full"), 300U);
  host.evidence().devices.push_back(without_carrier("web0"));
  host.counter_id(R"(qdisc.drops{dev="eth0",handle="8001:",kind="pfifo",netns="1"})", 100);
  const auto booked = book(host.evidence());
  EXPECT_EQ(packets_on(booked, "qdisc.queue-full"), 100U);
  EXPECT_EQ(packets_on(booked, "link.device-down"), 200U);
  EXPECT_EQ(packets_in(booked, "2"), 200U);
}

// Before 5.17 the parts of a packet that was done with and what a qdisc threw away end at one
// function.
TEST(Homeless, WithoutAReasonTheStackTellsWhatSendingFreed) {
  auto host = without_places();
  host.tally("kfree_skb_list", "", 300, 0, "");
  EXPECT_EQ(packets_on(book(host.evidence()), "noise@kfree_skb_list"), 300U);
  host.evidence().drops.samples.push_back(
      {.tally = 0, .stack = {"kfree_skb_list+0x19", "__dev_queue_xmit+0x936", "ip_send_skb+0x83"}});
  EXPECT_EQ(packets_on(book(host.evidence()), "unknown@kfree_skb_list"), 300U);
  host.evidence().devices.push_back(without_carrier("web0"));
  EXPECT_EQ(packets_on(book(host.evidence()), "link.device-down"), 300U);
  host.evidence().drops.samples.push_back(
      {.tally = 0, .stack = {"kfree_skb_list+0x19", "skb_release_data+0x90"}});
  EXPECT_EQ(packets_on(book(host.evidence()), "noise@kfree_skb_list"), 300U);
}

TEST(Homeless, OfTwoDevicesWithoutCarrierNoneIsNamedUnlessItCounted) {
  auto host = without_a_device();
  host.evidence().devices.push_back(without_carrier("web0"));
  host.evidence().devices.push_back(without_carrier("web1"));
  auto booked = book(host.evidence());
  EXPECT_EQ(packets_on(booked, "link.device-down"), 300U);
  EXPECT_EQ(packets_in(booked, ""), 300U);
  host.counter_id(R"(link.tx_dropped{dev="web1",netns="2"})", 300);
  booked = book(host.evidence());
  EXPECT_EQ(packets_on(booked, "link.device-down"), 300U);
  ASSERT_THAT(booked, SizeIs(1));
  EXPECT_EQ(booked[0].account.at.dev, "web1");
}

}  // namespace
}  // namespace diagnose
