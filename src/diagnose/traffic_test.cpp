#include "diagnose/traffic.h"

#include <gtest/gtest.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using model::StageState;

const model::StageReport& stage(const model::Diagnosis& diagnosis, model::Stage wanted) {
  return diagnosis.stages.at(static_cast<size_t>(wanted));
}

TEST(Traffic, WhatWasNotReadIsNothingNotZero) {
  EvidenceBuilder host;
  host.evidence().timeline.counters.clear();
  EXPECT_FALSE(traffic_of(host.evidence(), "", model::Direction::kReceive).has_value());
  EXPECT_FALSE(tcp_totals(host.evidence()).ratio.has_value());
}

TEST(Traffic, CountsOnlySelectedNamespaces) {
  EvidenceBuilder host;
  host.evidence().netns.push_back({.id = "2", .selected = false});
  host.counter("netstat.IpExt.InNoECTPkts", 500, "2");
  EXPECT_EQ(traffic_of(host.evidence(), "", model::Direction::kReceive), 100'000U);
  EXPECT_EQ(traffic_of(host.evidence(), "2", model::Direction::kReceive), 500U);
}

TEST(Traffic, RetransmissionsAreAShareOfAllSegmentsSent) {
  EvidenceBuilder host;
  host.counter("snmp.Tcp.OutSegs", 900).counter("snmp.Tcp.RetransSegs", 100);
  EXPECT_DOUBLE_EQ(tcp_totals(host.evidence()).ratio.value(), 0.1);
}

TEST(Stages, TheLeakIsAtItsStageAndABlindStageHasNoNumber) {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 9, 5001);
  host.evidence().blind_spots.push_back(
      {.what = "filters", .why = "no right", .stages = {model::Stage::kNetfilter}});
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(stage(diagnosis, model::Stage::kSocketRx).state, StageState::kLoss);
  EXPECT_EQ(stage(diagnosis, model::Stage::kSocketRx).lost, 9U);
  EXPECT_EQ(stage(diagnosis, model::Stage::kNetfilter).state, StageState::kBlind);
  EXPECT_FALSE(stage(diagnosis, model::Stage::kNetfilter).lost.has_value());
  EXPECT_EQ(stage(diagnosis, model::Stage::kIp).state, StageState::kOk);
}

TEST(Verdict, NothingFoundWithABlindStageIsInconclusive) {
  EvidenceBuilder host;
  EXPECT_EQ(diagnose(host.evidence()).verdict, model::Verdict::kHealthy);
  host.evidence().blind_spots.push_back(
      {.what = "filters", .why = "no right", .stages = {model::Stage::kNetfilter}});
  EXPECT_EQ(diagnose(host.evidence()).verdict, model::Verdict::kInconclusive);
}

TEST(Verdict, FewRefusalsAreANoticeManyAreAWarning) {
  EvidenceBuilder few;
  few.tally("__udp4_lib_rcv", "NO_SOCKET", 19).counter("snmp.Udp.NoPorts", 19);
  EXPECT_EQ(diagnose(few.evidence()).verdict, model::Verdict::kHealthy);
  EvidenceBuilder many;
  many.tally("__udp4_lib_rcv", "NO_SOCKET", 2000).counter("snmp.Udp.NoPorts", 2000);
  const auto diagnosis = diagnose(many.evidence());
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kPolicy);
  EXPECT_EQ(diagnosis.totals.refused, 2000U);
  EXPECT_EQ(diagnosis.totals.lost, 0U);
}

TEST(Symptoms, RetransmissionsThatNoLocalDropExplainsStayUnexplained) {
  EvidenceBuilder host;
  host.counter("snmp.Tcp.RetransSegs", 100);
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 9, 5001);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_EQ(diagnosis.symptoms.size(), 1U);
  EXPECT_EQ(diagnosis.symptoms[0].id, "tcp.retransmissions");
  EXPECT_DOUBLE_EQ(diagnosis.symptoms[0].unexplained, 1.0);
}

TEST(Symptoms, NotableRetransmissionsMakeTheTcpSocketsWorthReading) {
  using Kind = model::Question::Kind;
  EvidenceBuilder host;
  host.counter("snmp.Tcp.OutSegs", 10'000).counter("snmp.Tcp.RetransSegs", 50);
  EXPECT_FALSE(questions(host.evidence()).contains({Kind::kTcpSockets, "1"}));
  host.counter("snmp.Tcp.RetransSegs", 500);
  EXPECT_TRUE(questions(host.evidence()).contains({Kind::kTcpSockets, "1"}));
}

TEST(Symptoms, NamesTheConnectionThatRetransmittedMost) {
  EvidenceBuilder host;
  host.counter("snmp.Tcp.RetransSegs", 100);
  const auto connection = [](std::uint16_t port, std::uint64_t retransmitted) {
    model::Socket socket;
    socket.netns = "1";
    socket.protocol = "tcp";
    socket.local = "10.0.0.1";
    socket.local_port = port;
    socket.remote = "10.0.0.2";
    socket.remote_port = 80;
    socket.tcp = model::TcpInfo{.retransmitted = retransmitted};
    return socket;
  };
  host.evidence().sockets = {connection(4000, 3), connection(4001, 70), connection(4002, 0)};
  EXPECT_EQ(diagnose(host.evidence()).symptoms.at(0).worst,
            "10.0.0.1 port 4001 to 10.0.0.2 port 80: 70 segments since it opened");
}

}  // namespace
}  // namespace diagnose
