#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using model::Confidence;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// va (namespace 1, MTU 1500) hands frames to vb (namespace 2, MTU 1000); 300 of them ended there.
EvidenceBuilder pair(const std::string& symbol = "__dev_forward_skb2") {
  EvidenceBuilder host;
  host.evidence().netns.push_back({.id = "2", .name = "pod"});
  host.device("va", 2).device("vb", 5, "2");
  auto& devices = host.evidence().devices;
  devices[0].mtu = 1500;
  devices[0].operstate = "up";
  devices[0].peer = {{.netns = "2", .name = "vb"}};
  devices[1].mtu = 1000;
  devices[1].operstate = "up";
  devices[1].peer = {{.netns = "1", .name = "va"}};
  host.tally(symbol, "NOT_SPECIFIED", 300);
  host.evidence().drops.tallies[0].ifindex = 2;
  host.counter("snmp.Ip.FragFails", 0);
  return host;
}

// A sampled packet of so many bytes behind the link header.
void sampled(EvidenceBuilder& host, std::uint32_t bytes) {
  host.sample("10.0.0.1", "10.0.0.2");
  host.evidence().drops.samples.back().length_bytes = bytes + 14;
}

TEST(LinkMtuExceeded, NamesBothEndsAndSizesTheRemedyByTheSender) {
  auto host = pair();
  sampled(host, 1228);
  sampled(host, 1400);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  const auto& finding = diagnosis.findings[0];
  EXPECT_EQ(finding.cause, "link.mtu-exceeded");
  EXPECT_EQ(finding.confidence, Confidence::kHigh);
  EXPECT_THAT(finding.title, AllOf(HasSubstr("va"), HasSubstr("vb in pod"), HasSubstr("1000")));
  EXPECT_THAT(finding.why, HasSubstr("1500"));
  EXPECT_THAT(finding.evidence,
              Contains(Field(&model::Proof::text, HasSubstr("1228 to 1400 bytes"))));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "link.device-down")));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "ip.packet-too-big")));
  ASSERT_THAT(finding.remedies, SizeIs(2));
  const auto& raise = finding.remedies[0];
  EXPECT_EQ(raise.command, "ip -n pod link set dev vb mtu 1500");
  EXPECT_EQ(raise.undo, "ip -n pod link set dev vb mtu 1000");
  EXPECT_THAT(raise.sized_from, AllOf(HasSubstr("1400"), HasSubstr("1500")));
  EXPECT_EQ(raise.set[0].from, "1000");
  EXPECT_EQ(raise.set[0].to, "1500");
  EXPECT_EQ(finding.remedies[1].command, "ip link set dev va mtu 1000");
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
}

TEST(LinkMtuExceeded, BothEndsAndTheSenderCountTheSamePackets) {
  auto host = pair();
  sampled(host, 1228);
  const auto of = [](const char* name, const char* dev, const char* netns) {
    return model::counter_id(name, {{"dev", dev}, {"netns", netns}});
  };
  host.counter_id(of("link.tx_dropped", "va", "1"), 300)
      .counter_id(of("link.rx_dropped", "vb", "2"), 300)
      .counter("snmp.Ip.OutDiscards", 300)
      .counter("snmp.Udp.SndbufErrors", 300);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_THAT(diagnosis.accounts[0].echoes, SizeIs(4));
  EXPECT_EQ(diagnosis.totals.lost, 300U);
}

// Only the kernel's own word is left, which names both possibilities; nothing is sized.
void expect_no_blame_of_the_mtu(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_THAT(diagnosis.findings[0].title, Not(HasSubstr("larger")));
  EXPECT_THAT(diagnosis.findings[0].why, HasSubstr("or that end is down"));
  for (const auto& remedy : diagnosis.findings[0].remedies) EXPECT_THAT(remedy.set, IsEmpty());
}

// The kernel lets a frame be longer by a VLAN tag, so these ended for another reason.
TEST(LinkMtuExceeded, PacketsThatWouldHaveFittedAreNotBlamedOnTheMtu) {
  auto host = pair();
  host.evidence().devices[1].operstate = "down";
  sampled(host, 1004);
  expect_no_blame_of_the_mtu(host);
}

TEST(LinkMtuExceeded, OneByteMoreIsTooMuch) {
  auto host = pair();
  sampled(host, 1005);
  EXPECT_THAT(diagnose(host.evidence()).findings[0].title, HasSubstr("larger than the MTU of vb"));
}

TEST(LinkMtuExceeded, WithoutASampleTheMtusSpeakLessSurely) {
  auto host = pair();
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.findings[0].confidence, Confidence::kMedium);
  EXPECT_THAT(diagnosis.findings[0].ruled_out,
              Not(Contains(Field(&model::RuledOut::cause, "link.device-down"))));
}

TEST(LinkMtuExceeded, WithoutASampleEqualMtusExplainNothing) {
  auto host = pair();
  host.evidence().devices[1].mtu = 1500;
  expect_no_blame_of_the_mtu(host);
}

TEST(LinkMtuExceeded, AnUnknownOtherEndIsNotGuessed) {
  auto host = pair();
  host.evidence().devices[0].peer = {};
  sampled(host, 1228);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.findings[0].confidence, Confidence::kLow);
  for (const auto& remedy : diagnosis.findings[0].remedies) EXPECT_THAT(remedy.set, IsEmpty());
}

// A bridge checks the MTU of the port that the frame would leave by.
TEST(LinkMtuExceeded, AtABridgePortItsOwnMtuIsTheLimit) {
  auto host = pair("br_dev_queue_push_xmit");
  host.evidence().devices[0].mtu = 1000;
  sampled(host, 1400);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_THAT(diagnosis.findings[0].title, HasSubstr("MTU of va"));
  ASSERT_THAT(diagnosis.findings[0].remedies, SizeIs(1));
  EXPECT_EQ(diagnosis.findings[0].remedies[0].command, "ip link set dev va mtu 1400");
}

}  // namespace
}  // namespace diagnose
