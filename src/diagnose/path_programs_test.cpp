#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

// xdp.program-drop, tc-ingress.filter-drop and tc-egress.filter-drop: which program is accused, and
// which is not.
namespace diagnose {
namespace {

using model::Confidence;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::uint32_t kEth0 = 2;

// 500 packets dropped on eth0.
EvidenceBuilder dropped(std::string symbol, std::string reason) {
  EvidenceBuilder host;
  host.device("eth0", kEth0).device("eth1", 3).tally(std::move(symbol), std::move(reason), 500);
  host.evidence().drops.tallies[0].ifindex = kEth0;
  host.sample("10.0.0.1", "10.0.0.2");
  return host;
}

void program(EvidenceBuilder& host, std::string hook, std::uint32_t id, std::string name,
             std::string attachment = "", std::uint32_t ifindex = kEth0) {
  host.evidence().path_programs.push_back({.netns = "1",
                                           .ifindex = ifindex,
                                           .hook = std::move(hook),
                                           .kind = "bpf",
                                           .id = id,
                                           .name = std::move(name),
                                           .tag = "f2920015cb8b1463",
                                           .attachment = std::move(attachment)});
}

void filter(EvidenceBuilder& host, std::string hook, std::string attachment) {
  host.evidence().path_programs.push_back({.netns = "1",
                                           .ifindex = kEth0,
                                           .hook = std::move(hook),
                                           .kind = "u32",
                                           .attachment = std::move(attachment)});
}

EvidenceBuilder& clsact(EvidenceBuilder& host, std::uint64_t drops) {
  return host.counter_id(
      model::counter_id("qdisc.drops",
                        {{"dev", "eth0"}, {"handle", "ffff:"}, {"kind", "clsact"}, {"netns", "1"}}),
      drops);
}

model::Finding only_finding(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.totals.lost, 0U);
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

auto offers(const std::string& command) {
  return Contains(Field(&model::Remedy::command, HasSubstr(command)));
}

TEST(XdpProgramDrop, NamesTheGenericProgramAndSaysThatItMayHaveFailed) {
  auto host = dropped("do_xdp_generic", "NOT_SPECIFIED");
  program(host, "xdp-generic", 12, "ddos_guard");
  program(host, "xdp-generic", 13, "elsewhere", "", 3);
  program(host, "tc-ingress", 14, "later");
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "xdp.program-drop");
  EXPECT_EQ(finding.klass, model::Class::kPolicy);
  EXPECT_THAT(finding.title, AllOf(HasSubstr("generic"), HasSubstr("\"ddos_guard\" (id 12"),
                                   HasSubstr("eth0"), HasSubstr("f2920015cb8b1463")));
  EXPECT_THAT(finding.title, Not(HasSubstr("elsewhere")));
  EXPECT_THAT(finding.why, HasSubstr("xdp.program-aborted"));
  // Not high, and the rival is not ruled out: the trace cannot tell.
  EXPECT_EQ(finding.confidence, Confidence::kMedium);
  EXPECT_THAT(finding.ruled_out,
              Each(Field(&model::RuledOut::cause, testing::Ne("xdp.program-aborted"))));
  EXPECT_THAT(finding.remedies, offers("bpftool prog show id 12"));
  EXPECT_THAT(finding.remedies, offers("xdp:xdp_exception"));
  EXPECT_THAT(finding.remedies, offers("ip link set dev eth0 xdpgeneric off"));
  EXPECT_THAT(finding.remedies, Each(Field(&model::Remedy::kind, "print")));
  EXPECT_THAT(finding.remedies, Each(Field(&model::Remedy::set, IsEmpty())));
}

TEST(XdpProgramDrop, OnAVethTheNativeProgramIsMeant) {
  auto host = dropped("veth_xdp_rcv_skb", "NOT_SPECIFIED");
  program(host, "xdp-native", 12, "guard");
  program(host, "xdp-offload", 13, "in_the_card");
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title, AllOf(HasSubstr("native"), HasSubstr("id 12")));
  EXPECT_THAT(finding.remedies, offers("xdpdrv off"));
}

TEST(XdpProgramDrop, WithoutAProgramToNameTheConfidenceIsLowAndNothingIsTakenOff) {
  auto host = dropped("do_xdp_generic", "NOT_SPECIFIED");
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.confidence, Confidence::kLow);
  EXPECT_THAT(finding.title, HasSubstr("could not be named"));
  EXPECT_THAT(finding.remedies, offers("ip -d link show dev eth0"));
  EXPECT_THAT(finding.remedies, Not(offers(" off")));
}

TEST(TcFilterDrop, OneFilterOnTheWayInIsNamed) {
  auto host = dropped("__netif_receive_skb_core", "TC_INGRESS");
  program(host, "tc-ingress", 21, "policy", "pref 49152 handle 0x1");
  program(host, "tc-egress", 22, "other_way", "pref 49152 handle 0x1");
  clsact(host, 500);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "tc-ingress.filter-drop");
  EXPECT_EQ(finding.confidence, Confidence::kHigh);
  EXPECT_THAT(finding.title, AllOf(HasSubstr("\"policy\" (id 21"), HasSubstr("pref 49152")));
  EXPECT_THAT(finding.title, Not(HasSubstr("other_way")));
  EXPECT_THAT(finding.remedies, offers("tc -s -d filter show dev eth0 ingress"));
  EXPECT_THAT(finding.remedies, offers("tc filter del dev eth0 ingress pref 49152"));
}

TEST(TcFilterDrop, OfSeveralThatCanDropNoneIsAccusedAlone) {
  auto host = dropped("__netif_receive_skb_core", "TC_INGRESS");
  program(host, "tc-ingress", 21, "first", "pref 1 handle 0x1");
  program(host, "tc-ingress", 22, "second", "pref 2 handle 0x1");
  clsact(host, 500);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.confidence, Confidence::kMedium);
  EXPECT_THAT(finding.title, HasSubstr("one of 2 tc filters"));
  EXPECT_THAT(finding.why, AllOf(HasSubstr("first"), HasSubstr("second")));
  EXPECT_THAT(finding.remedies, Not(offers("filter del")));
}

TEST(TcFilterDrop, AFilterThatOnlyPassesIsNotAccused) {
  auto host = dropped("__netif_receive_skb_core", "TC_INGRESS");
  filter(host, "tc-ingress", "pref 10 handle 800::800 action drop");
  filter(host, "tc-ingress", "pref 20 handle 801::800 action pass");
  filter(host, "tc-ingress", "pref 30 handle 802::800");
  clsact(host, 500);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title, HasSubstr("u32 filter (pref 10 handle 800::800 action drop)"));
  EXPECT_EQ(finding.confidence, Confidence::kHigh);
}

// tcx programs count nowhere, filters in their qdisc: the counter tells them apart.
TEST(TcFilterDrop, WhatTheQdiscDidNotCountWasDroppedByTcx) {
  auto host = dropped("__netif_receive_skb_core", "TC_INGRESS");
  program(host, "tc-ingress", 21, "by_filter", "pref 1 handle 0x1");
  program(host, "tc-ingress", 22, "by_tcx", "tcx 1 of 1");
  clsact(host, 0);
  EXPECT_THAT(only_finding(host).title, HasSubstr("by_tcx"));
  clsact(host, 500);
  EXPECT_THAT(only_finding(host).title, HasSubstr("by_filter"));
  clsact(host, 200);
  EXPECT_THAT(only_finding(host).title, HasSubstr("one of 2"));
}

TEST(TcFilterDrop, WithoutAListedFilterTheConfidenceIsLow) {
  auto host = dropped("__netif_receive_skb_core", "TC_INGRESS");
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.confidence, Confidence::kLow);
  EXPECT_THAT(finding.why, HasSubstr("none could be listed"));
}

TEST(TcFilterDrop, OnTheWayOutTheSendersErrorsAreEchoesAndNotALossOfTheirOwn) {
  auto host = dropped("__dev_queue_xmit", "TC_EGRESS");
  program(host, "tc-egress", 31, "egress_policy", "pref 49152 handle 0x1");
  clsact(host, 500).counter("snmp.Ip.OutDiscards", 500).counter("snmp.Udp.SndbufErrors", 500);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_THAT(diagnosis.accounts[0].echoes, SizeIs(3));
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "tc-egress.filter-drop");
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "socket-tx.buffer-full")));
  EXPECT_THAT(finding.remedies, offers("filter show dev eth0 egress"));
}

TEST(TcFilterDrop, WithoutErrorsOfTheSenderTheSendBufferIsNotMentioned) {
  auto host = dropped("__dev_queue_xmit", "TC_EGRESS");
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.ruled_out,
              Not(Contains(Field(&model::RuledOut::cause, "socket-tx.buffer-full"))));
}

TEST(PathPrograms, AreAskedForWhereAProgramDropped) {
  auto host = dropped("do_xdp_generic", "NOT_SPECIFIED");
  EXPECT_THAT(
      questions(host.evidence()),
      Contains(model::Question{.kind = model::Question::Kind::kPathPrograms, .netns = "1"}));
}

}  // namespace
}  // namespace diagnose
