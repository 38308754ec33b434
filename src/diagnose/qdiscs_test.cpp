#include "diagnose/qdiscs.h"

#include <gmock/gmock.h>
#include <linux/if_ether.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;

const std::string kHtb = R"({dev="eth0",handle="1:",kind="htb",netns="1"})";
const std::string kPfifo = R"({dev="eth0",handle="10:",kind="pfifo",netns="1",parent="1:10"})";
const std::string kSecond = R"({dev="eth0",handle="20:",kind="pfifo",netns="1",parent="1:20"})";

EvidenceBuilder with_device() {
  EvidenceBuilder host;
  host.evidence().devices = {
      {.netns = "1", .ifindex = 2, .name = "eth0", .kind = "physical", .operstate = "up"}};
  return host;
}

// `packets` dropped on eth0 on their way out.
EvidenceBuilder& dropped(EvidenceBuilder& host, std::uint64_t packets,
                         std::uint16_t protocol = ETH_P_IP) {
  host.tally("__dev_queue_xmit", "QDISC_DROP", packets);
  auto& tally = host.evidence().drops.tallies.back();
  tally.ifindex = 2;
  tally.protocol = protocol;
  tally.made_here = true;
  return host;
}

TEST(Qdiscs, AParentsDropsAreThoseOfItsChildrenAndItsOwn) {
  EvidenceBuilder host;
  host.counter_id("qdisc.drops" + kHtb, 100)
      .counter_id("qdisc.drops" + kPfifo, 60)
      .counter_id("qdisc.drops" + kSecond, 30);
  EXPECT_EQ(own_drops(host.evidence(), "qdisc.drops" + kHtb), 10U);
  EXPECT_EQ(own_drops(host.evidence(), "qdisc.drops" + kPfifo), 60U);
  EXPECT_EQ(dropping_qdisc(host.evidence(), "1", "eth0")->handle, "10:");
  EXPECT_FALSE(dropping_qdisc(host.evidence(), "1", "eth1"));
}

TEST(Qdiscs, QueuesOfAnMqWithoutHandleAreItsChildrenAndNotEachOthers) {
  EvidenceBuilder host;
  const std::string mq = R"({dev="eth0",handle="0:",kind="mq",netns="1"})";
  const std::string first = R"({dev="eth0",handle="0:",kind="fq_codel",netns="1",parent=":1"})";
  const std::string other = R"({dev="eth0",handle="0:",kind="fq_codel",netns="1",parent=":2"})";
  host.counter_id("qdisc.drops" + mq, 50)
      .counter_id("qdisc.drops" + first, 20)
      .counter_id("qdisc.drops" + other, 30);
  EXPECT_EQ(own_drops(host.evidence(), "qdisc.drops" + mq), 0U);
  EXPECT_EQ(own_drops(host.evidence(), "qdisc.drops" + first), 20U);
  EXPECT_EQ(own_drops(host.evidence(), "qdisc.drops" + other), 30U);
}

TEST(Qdiscs, ADropBelowAClassfulQdiscIsBookedOnce) {
  auto host = with_device();
  dropped(host, 291).counter_id("qdisc.drops" + kHtb, 291).counter_id("qdisc.drops" + kPfifo, 291);
  host.counter("snmp.Ip.OutDiscards", 291).counter("snmp.Udp.SndbufErrors", 291);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "qdisc.queue-full");
  EXPECT_EQ(diagnosis.totals.lost, 291U);
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
}

TEST(Qdiscs, ThePlainQueuesOwnCounterIsAWitnessNotAnEcho) {
  auto host = with_device();
  dropped(host, 291).counter_id("qdisc.drops" + kHtb, 300).counter_id("qdisc.drops" + kPfifo, 300);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  const auto& account = diagnosis.accounts[0];
  EXPECT_EQ(account.packets, 300U);
  EXPECT_EQ(account.reconciliation.state, model::Agreement::kCounterMore);
  EXPECT_THAT(account.echoes, testing::IsEmpty());
}

TEST(Qdiscs, WithoutATraceTheCounterBooksAFullQueue) {
  auto host = with_device();
  host.evidence().drops.rung = "";
  host.counter_id("qdisc.drops" + kHtb, 300).counter_id("qdisc.drops" + kPfifo, 300);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "qdisc.queue-full");
  EXPECT_EQ(diagnosis.accounts[0].at.dev, "eth0");
  EXPECT_EQ(diagnosis.totals.explained, 300U);
}

TEST(Qdiscs, WhatAnAqmDroppedBeyondTheTraceStaysAnAccountOfItsOwn) {
  auto host = with_device();
  const std::string codel = R"({dev="eth0",handle="20:",kind="fq_codel",netns="1"})";
  dropped(host, 291).counter_id("qdisc.drops" + codel, 300);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(2));
  EXPECT_EQ(diagnosis.totals.lost, 300U);
  EXPECT_EQ(diagnosis.totals.unexplained, 9U);
}

TEST(Qdiscs, TheRateIsThatOfTheClassAboveOrOfTheQdiscAboveThat) {
  EvidenceBuilder host;
  host.counter_id("qdisc.drops" + kHtb, 5).counter_id("qdisc.drops" + kPfifo, 5);
  auto& settings = host.evidence().settings;
  settings["qdisc.limit_packets" + kPfifo] = "8";
  settings["qdisc.rate_bytes_per_s" + kHtb] = "900";
  EXPECT_EQ(dropping_qdisc(host.evidence(), "1", "eth0")->rate_bytes_per_s, 900U);
  settings[R"(qdisc.class_ceil_bytes_per_s{class="1:10",dev="eth0",netns="1"})"] = "700";
  const auto found = dropping_qdisc(host.evidence(), "1", "eth0");
  EXPECT_EQ(found->rate_bytes_per_s, 700U);
  EXPECT_EQ(found->limit_packets, 8U);
  EXPECT_FALSE(found->limit_bytes);
}

TEST(Qdiscs, WithoutCarrierItIsTheDeviceAndNotItsQueue) {
  auto host = with_device();
  host.evidence().devices[0].operstate = "down";
  dropped(host, 20).counter_id("qdisc.drops" + kHtb, 0);
  host.counter_id(R"(link.tx_dropped{dev="eth0",netns="1"})", 20);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "link.device-down");
  EXPECT_EQ(diagnosis.accounts[0].direction, model::Direction::kSend);
  EXPECT_EQ(diagnosis.totals.lost, 20U);
}

TEST(Qdiscs, ADeviceThatIsUpAndSaysNothingLostItInAQueue) {
  auto host = with_device();
  dropped(host, 20).counter_id("qdisc.drops" + kHtb, 0);
  EXPECT_EQ(diagnose(host.evidence()).accounts[0].account, "qdisc.queue-full");
}

// An account of IPv4 packets cannot have been heard by a counter of IPv6.
TEST(Echoes, AreHeardByTheCountersOfTheirOwnIpVersion) {
  auto host = with_device();
  dropped(host, 50).counter_id("qdisc.drops" + kPfifo, 50).counter("snmp.Udp.SndbufErrors", 50);
  host.counter("snmp6.Ip6OutDiscards", 50);
  const auto booked = book(host.evidence());
  EXPECT_THAT(booked[0].account.echoes, SizeIs(1));
  dropped(host, 7, ETH_P_IPV6);
  const auto both = book(host.evidence());
  EXPECT_THAT(both[0].account.echoes,
              testing::Contains(model::Echo{R"(snmp6.Ip6OutDiscards{netns="1"})", 7}));
}

// IPv6 datagrams whose checksum is found wrong when the reader comes are counted with IPv4.
TEST(Echoes, TheCounterOfThePlaceKnowsTheIpVersionToo) {
  EvidenceBuilder host;
  host.tally("__first_packet_length", "UDP_CSUM", 30, 5001);
  host.evidence().drops.tallies.back().protocol = ETH_P_IPV6;
  host.counter("snmp.Udp.InCsumErrors", 30).counter("snmp.Udp.InErrors", 30);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.accounts, ElementsAre(Field(&model::Account::account, "udp.checksum")));
}

}  // namespace
}  // namespace diagnose
