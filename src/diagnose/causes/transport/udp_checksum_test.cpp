#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// 300 datagrams with a wrong checksum, of which one from each of `senders`, in turn, was sampled
// `samples` times in all.
EvidenceBuilder spoiled(const std::vector<std::string>& senders, int samples) {
  EvidenceBuilder host;
  host.evidence().devices = {{.netns = "1",
                              .ifindex = 2,
                              .name = "eth0",
                              .kind = "physical",
                              .operstate = "up",
                              .addresses = {"10.0.0.1/24"}}};
  host.tally("__udp4_lib_rcv", "UDP_CSUM", 300)
      .counter("snmp.Udp.InCsumErrors", 300)
      .counter("snmp.Udp.InErrors", 300)
      .counter("snmp.Tcp.InCsumErrors", 0)
      .counter("snmp.Tcp.InSegs", 50'000)
      .counter_id(R"(link.rx_crc_errors{dev="eth0",netns="1"})", 0);
  host.evidence().drops.tallies.back().ifindex = 2;
  for (int at = 0; at < samples; ++at) {
    const model::Flow flow{.protocol = "udp",
                           .source = senders[static_cast<size_t>(at) % senders.size()],
                           .source_port = 4000,
                           .destination = "10.0.0.1",
                           .destination_port = 5001};
    host.evidence().drops.samples.push_back({.tally = 0, .flow = flow});
  }
  return host;
}

model::Finding only_finding(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.totals.lost, 300U);
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

TEST(UdpChecksum, OfOneSenderIsThatSendersAffair) {
  auto host = spoiled({"10.0.0.9"}, 16);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "udp.checksum");
  EXPECT_EQ(finding.klass, model::Class::kLoss);
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("to 10.0.0.1 port 5001, all from 10.0.0.9"));
  EXPECT_THAT(finding.remedies, Contains(Field(&model::Remedy::id, "sender-offload")));
  for (const auto& remedy : finding.remedies) EXPECT_FALSE(remedy.tunable) << remedy.id;
}

TEST(UdpChecksum, OfSeveralSendersIsWhatTheyShare) {
  auto host = spoiled({"10.0.0.9", "10.0.0.8", "10.0.0.7"}, 15);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title, HasSubstr("from 3 senders"));
  EXPECT_THAT(finding.why, HasSubstr("what they share is at fault"));
  EXPECT_THAT(finding.remedies, Not(Contains(Field(&model::Remedy::id, "sender-offload"))));
  EXPECT_THAT(finding.remedies, Contains(Field(&model::Remedy::id, "show-offload")));
}

TEST(UdpChecksum, FewSamplesSayLess) {
  auto few = spoiled({"10.0.0.9"}, 3);
  EXPECT_EQ(only_finding(few).confidence, model::Confidence::kMedium);
  auto none = spoiled({"10.0.0.9"}, 0);
  const auto finding = only_finding(none);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.why, HasSubstr("was not sampled"));
  EXPECT_THAT(finding.remedies, SizeIs(1));
}

TEST(UdpChecksum, RivalsAreRuledOutOnlyWhereTheyCouldHaveShown) {
  auto host = spoiled({"10.0.0.9"}, 16);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "tcp.checksum")));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "wire.crc-errors")));
  // Ten segments prove nothing, and a veth has no wire.
  host.counter("snmp.Tcp.InSegs", 10);
  host.evidence().devices[0].kind = "veth";
  EXPECT_THAT(only_finding(host).ruled_out, IsEmpty());
}

TEST(UdpChecksum, OfATunnelsPortItSaysSo) {
  auto host = spoiled({"10.0.0.9"}, 16);
  for (auto& sample : host.evidence().drops.samples) sample.flow->destination_port = 4789;
  EXPECT_THAT(only_finding(host).why, HasSubstr("tunnel"));
}

// Before 5.17 a wrong checksum and a closed port end at one place without a reason.
TEST(UdpChecksum, WithoutReasonsTheCountersTellItFromAClosedPort) {
  auto host = spoiled({"10.0.0.9"}, 16);
  host.evidence().drops.tallies[0].reason = "";
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "udp.checksum");
  EXPECT_THAT(finding.title, HasSubstr("all from 10.0.0.9"));
  // 40 more were for a closed port.
  auto& tally = host.evidence().drops.tallies[0];
  tally.packets = 340;
  host.counter("snmp.Udp.NoPorts", 40);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.accounts, SizeIs(2));
  EXPECT_EQ(diagnosis.totals.lost, 300U);
  EXPECT_EQ(diagnosis.totals.refused, 40U);
}

// Found when the reader came: neither device nor socket is known any more, so no namespace.
EvidenceBuilder found_on_read() {
  auto host = spoiled({"10.0.0.9"}, 16);
  auto& tally = host.evidence().drops.tallies[0];
  tally.symbol = "__first_packet_length";
  tally.netns = "";
  tally.ifindex = 0;
  return host;
}

TEST(UdpChecksum, FoundOnReadIsBookedWhereTheCounterSawIt) {
  auto host = found_on_read();
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.at.netns, "1");
  EXPECT_THAT(finding.title, HasSubstr("all from 10.0.0.9"));
  EXPECT_THAT(finding.evidence,
              Contains(Field(&model::Proof::text, HasSubstr("found wrong when the reader came"))));
}

TEST(UdpChecksum, FoundOnReadBelongsToTheNamespaceOfItsDestination) {
  auto host = found_on_read();
  // Another namespace's counter has room for it too, and rose by more.
  host.evidence().netns.push_back({.id = "2"});
  host.counter("snmp.Udp.InCsumErrors", 400, "2");
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(2));
  EXPECT_EQ(diagnosis.totals.lost, 700U);
  for (const auto& account : diagnosis.accounts) {
    const bool traced = account.witnesses.size() == 2;
    EXPECT_EQ(traced, account.at.netns == "1");
  }
}

TEST(UdpChecksum, WhatNoCounterHasRoomForStaysWithoutANamespace) {
  auto host = found_on_read();
  host.counter("snmp.Udp.InCsumErrors", 10).counter("snmp.Udp.InErrors", 10);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(2));
  EXPECT_EQ(diagnosis.accounts[0].at.netns, "");
  EXPECT_EQ(diagnosis.accounts[0].packets, 300U);
}

TEST(UdpChecksum, ASelectionHoldsWhatItsCounterSaw) {
  auto host = found_on_read();
  host.evidence().netns.push_back({.id = "2", .selected = false});
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_THAT(diagnosis.blind_spots, IsEmpty());
}

}  // namespace
}  // namespace diagnose
