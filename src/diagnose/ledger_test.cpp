#include "diagnose/ledger.h"

#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"
#include "diagnose/reconcile.h"

namespace diagnose {
namespace {

using model::Agreement;
using model::Class;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kPlace = "udp.receive-buffer-full";

TEST(Ledger, CounterAndTraceOfOnePlaceAreOneAccountNotTwo) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 494, 5001)
      .counter("snmp.Udp.RcvbufErrors", 494)
      .udp_socket(5001, 494, 8192);
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(1));
  const auto& account = booked[0].account;
  EXPECT_EQ(account.account, kPlace);
  EXPECT_EQ(account.klass, Class::kLoss);
  EXPECT_EQ(account.packets, 494U);
  EXPECT_EQ(account.at.socket, "udp *:5001");
  EXPECT_EQ(account.reconciliation.state, Agreement::kAgree);
  EXPECT_EQ(account.hits[0].comm, "dnsd");
}

TEST(Ledger, SumOverTheSameDropsIsAnEchoNotASecondLoss) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 494, 5001)
      .counter("snmp.Udp.RcvbufErrors", 494)
      .counter("snmp.Udp.InErrors", 494);
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(1));
  ASSERT_THAT(booked[0].account.echoes, SizeIs(1));
  EXPECT_EQ(booked[0].account.echoes[0].packets, 494U);
}

TEST(Ledger, WhatASumHoldsBeyondItsPartsIsAnUnknownAccountNamedAfterIt) {
  EvidenceBuilder host;
  host.counter("snmp.Udp.RcvbufErrors", 100).counter("snmp.Udp.InErrors", 130);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(2));
  EXPECT_EQ(diagnosis.accounts[0].packets, 100U);
  EXPECT_EQ(diagnosis.accounts[1].account, "snmp.Udp.InErrors");
  EXPECT_EQ(diagnosis.accounts[1].klass, Class::kUnknown);
  EXPECT_EQ(diagnosis.accounts[1].packets, 30U);
  EXPECT_EQ(diagnosis.totals.lost, 130U);
  EXPECT_EQ(diagnosis.totals.unexplained, 30U);
}

TEST(Ledger, ADropThatNobodyKnowsIsUnknownAtItsSymbol) {
  EvidenceBuilder host;
  host.tally("frobnicate_rcv", "NOT_SPECIFIED", 7);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "unknown@frobnicate_rcv");
  EXPECT_EQ(diagnosis.totals.unexplained, 7U);
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kUnknown);
}

TEST(Ledger, AReasonThatTheTablesDoNotHoldIsUnknownAtItsStageAndTheReportSaysSo) {
  EvidenceBuilder host;
  host.tally("__udp4_lib_rcv", "BRAND_NEW_REASON", 7, 5001);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "unknown@__udp4_lib_rcv");
  EXPECT_EQ(diagnosis.accounts[0].klass, Class::kUnknown);
  EXPECT_EQ(diagnosis.accounts[0].stage, model::Stage::kTransport);
  EXPECT_EQ(diagnosis.totals.unexplained, 7U);
  EXPECT_THAT(diagnosis.findings[0].why, testing::HasSubstr("BRAND_NEW_REASON"));
  EXPECT_THAT(diagnosis.findings[0].why, testing::HasSubstr("tables do not hold"));
}

TEST(Ledger, TwoSocketsOfOneNamespaceAreTwoAccountsThatAddUpToItsCounter) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 300, 5001)
      .tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 40, 5002)
      .counter("snmp.Udp.RcvbufErrors", 340)
      .udp_socket(5001, 300, 8192)
      .udp_socket(5002, 40, 8192);
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(2));
  EXPECT_EQ(booked[0].account.at.socket, "udp *:5001");
  EXPECT_EQ(booked[0].account.packets, 300U);
  EXPECT_EQ(booked[1].account.packets, 40U);
}

TEST(Ledger, WithoutATraceTheSocketsOwnCountersTellThemApart) {
  EvidenceBuilder host;
  host.evidence().drops.rung = "";
  host.counter("snmp.Udp.RcvbufErrors", 340).udp_socket(5001, 300, 8192).udp_socket(5002, 40, 8192);
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(2));
  EXPECT_EQ(booked[0].account.packets, 300U);
  EXPECT_EQ(booked[0].account.reconciliation.state, Agreement::kSingle);
}

TEST(Ledger, WhereTheTraceHasNoPortsTheSocketsOwnCountersNameTheSocket) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 300)
      .counter("snmp.Udp.RcvbufErrors", 300)
      .udp_socket(5001, 300, 8192);
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(1));
  EXPECT_EQ(booked[0].account.at.socket, "udp *:5001");
  EXPECT_EQ(booked[0].account.packets, 300U);
  EXPECT_EQ(booked[0].account.reconciliation.state, Agreement::kAgree);
}

TEST(Ledger, DropsOfASocketThatIsGoneStayWithoutASocket) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 300, 5001)
      .tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 20, 5002)
      .counter("snmp.Udp.RcvbufErrors", 400);
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(3));
  EXPECT_EQ(booked[0].account.packets, 300U);
  EXPECT_EQ(booked[1].account.packets, 80U);
  EXPECT_EQ(booked[1].account.at.socket, "");
  EXPECT_EQ(booked[2].account.packets, 20U);
}

TEST(Ledger, SameDropsInTwoNamespacesAreTwoAccounts) {
  EvidenceBuilder host;
  host.evidence().netns.push_back({.id = "2"});
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 5, 53)
      .tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 6, 53, "2")
      .counter("snmp.Udp.RcvbufErrors", 5)
      .counter("snmp.Udp.RcvbufErrors", 6, "2");
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(2));
  EXPECT_EQ(booked[0].account.at.netns, "2");
  EXPECT_EQ(booked[1].account.at.netns, "1");
}

TEST(Ledger, ANamespaceThatWasNotAskedForIsLeftOut) {
  EvidenceBuilder host;
  host.evidence().netns.push_back({.id = "2", .selected = false});
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 6, 53, "2");
  EXPECT_THAT(book(host.evidence()), IsEmpty());
}

TEST(Ledger, DropsOfAnUnknownNamespaceBelongToNoSelectionAndAreSaid) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 6, 53, "");
  EXPECT_THAT(diagnose(host.evidence()).accounts, SizeIs(1));
  host.evidence().netns.push_back({.id = "2", .selected = false});
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.accounts, IsEmpty());
  EXPECT_THAT(diagnosis.blind_spots, SizeIs(1));
}

TEST(Ledger, OfOneInterfaceOnlyItsDropsAreBookedAndTheRestIsSaid) {
  EvidenceBuilder host;
  host.evidence().devices = {{.netns = "1", .ifindex = 2, .name = "eth0"},
                             {.netns = "1", .ifindex = 3, .name = "eth1"}};
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 10, 53)
      .tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 20, 53)
      .counter("snmp.Udp.RcvbufErrors", 30);
  host.evidence().drops.tallies[0].ifindex = 2;
  host.evidence().drops.tallies[1].ifindex = 3;
  host.evidence().window.interface = "eth1";
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].packets, 20U);
  EXPECT_THAT(diagnosis.blind_spots, SizeIs(1));
}

TEST(Ledger, DropsOutsideTheTableAreAnAccountUnlessACounterSawThem) {
  EvidenceBuilder host;
  host.evidence().drops.outside_table = 50;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 100, 5001)
      .counter("snmp.Udp.RcvbufErrors", 130);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(2));
  EXPECT_EQ(diagnosis.accounts[0].packets, 130U);
  EXPECT_EQ(diagnosis.accounts[1].account, "unknown@untraced");
  EXPECT_EQ(diagnosis.accounts[1].packets, 20U);
}

TEST(Ledger, NoiseOfAHealthyHostIsBookedAsNoise) {
  EvidenceBuilder host;
  host.tally("ping_rcv", "NO_SOCKET", 3)
      .tally("skb_queue_purge_reason", "QUEUE_PURGE", 4)
      .tally("tcp_validate_incoming", "TCP_OLD_SEQUENCE", 5)
      .tally("ip6_rcv_core", "IPV6DISABLED", 6)
      .tally("virtio_transport_recv_pkt", "NOT_SPECIFIED", 7);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kHealthy);
  EXPECT_EQ(diagnosis.totals.noise, 25U);
  EXPECT_EQ(diagnosis.totals.lost, 0U);
  EXPECT_THAT(diagnosis.findings, IsEmpty());
}

TEST(Reconcile, ToleranceIsPeakRateTimesTheTimeThatReadingTook) {
  EvidenceBuilder host;
  host.skew_ns(1'000'000);
  // 1,000 packets in one interval of 100 ms = 10,000/s; 1 ms of that is 10.
  EXPECT_EQ(tolerance(host.evidence(), {0, 1000, 10}), 10U);
  EXPECT_EQ(tolerance(host.evidence(), {}), 0U);
}

TEST(Reconcile, SaysWhichWitnessSawMore) {
  EXPECT_EQ(compare(100, 100, 0).state, Agreement::kAgree);
  EXPECT_EQ(compare(105, 100, 5).state, Agreement::kAgree);
  EXPECT_EQ(compare(106, 100, 5).state, Agreement::kCounterMore);
  EXPECT_EQ(compare(94, 100, 5).state, Agreement::kTraceMore);
  EXPECT_EQ(compare(94, 100, 5).difference, -6);
}

}  // namespace
}  // namespace diagnose
