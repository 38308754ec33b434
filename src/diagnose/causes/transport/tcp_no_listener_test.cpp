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

// 200 SYNs refused, sampled at `ports` in turn.
EvidenceBuilder refusing(const std::vector<std::uint16_t>& ports = {8080}) {
  EvidenceBuilder host;
  host.evidence().devices = {
      {.netns = "1", .ifindex = 2, .name = "eth0", .addresses = {"10.0.0.1/24"}},
      {.netns = "2", .ifindex = 5, .name = "eth0", .addresses = {"10.0.0.9/24"}}};
  host.evidence().devices[0].peer = {"2", "eth0"};
  host.evidence().devices[1].peer = {"1", "eth0"};
  host.evidence().netns.push_back({.id = "2", .name = "client"});
  host.tally("tcp_v4_rcv", "NO_SOCKET", 200)
      .counter("netstat.IpExt.InNoECTPkts", 2000)
      .counter("snmp.Tcp.OutRsts", 200)
      .counter("netstat.TcpExt.ListenOverflows", 0)
      .counter("snmp.Tcp.AttemptFails", 200, "2");
  host.evidence().drops.tallies.back().opens_connection = true;
  for (const auto port : ports) {
    const model::Flow flow{.protocol = "tcp",
                           .source = "10.0.0.9",
                           .source_port = 4000,
                           .destination = "10.0.0.1",
                           .destination_port = port};
    host.evidence().drops.samples.push_back({.tally = 0, .flow = flow});
  }
  return host;
}

TEST(TcpNoListener, NamesAddressPortAndSender) {
  auto host = refusing();
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kPolicy);
  EXPECT_EQ(diagnosis.totals.refused, 200U);
  EXPECT_EQ(diagnosis.totals.lost, 0U);
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  const auto& finding = diagnosis.findings[0];
  EXPECT_EQ(finding.cause, "tcp.no-listener");
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("nothing listens on TCP 10.0.0.1 port 8080"));
  EXPECT_THAT(finding.evidence,
              Contains(Field(&model::Proof::text, HasSubstr("200 attempts to connect failed"))));
  EXPECT_THAT(finding.ruled_out,
              Contains(Field(&model::RuledOut::cause, "listen.accept-queue-full")));
  EXPECT_EQ(finding.remedies[0].command, "ss -ltnp 'sport = :8080'");
}

TEST(TcpNoListener, WhatIsLeftOfAConnectionIsNoise) {
  auto host = refusing();
  host.evidence().drops.tallies[0].opens_connection = false;
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kHealthy);
  EXPECT_EQ(diagnosis.totals.noise, 200U);
  EXPECT_THAT(diagnosis.findings, IsEmpty());
}

TEST(TcpNoListener, SaysWhereTheServiceDoesListen) {
  auto host = refusing();
  host.evidence().sockets.push_back({.netns = "1",
                                     .protocol = "tcp",
                                     .state = "listen",
                                     .local = "127.0.0.1",
                                     .local_port = 8080});
  EXPECT_THAT(diagnose(host.evidence()).findings[0].why,
              HasSubstr("There is a listener on 127.0.0.1:8080."));
  host.evidence().sockets[0].netns = "2";
  EXPECT_THAT(diagnose(host.evidence()).findings[0].why, HasSubstr("in namespace client"));
  host.evidence().sockets[0].local_port = 8081;
  EXPECT_THAT(diagnose(host.evidence()).findings[0].why, Not(HasSubstr("There is a listener")));
}

TEST(TcpNoListener, ManyPortsOfOneSenderAreAScan) {
  auto host = refusing({21, 22, 23, 25, 80, 110, 143, 443, 445});
  const auto finding = diagnose(host.evidence()).findings[0];
  EXPECT_THAT(finding.why, HasSubstr("scan"));
  EXPECT_THAT(finding.title, HasSubstr("9 or more ports"));
  auto few = refusing({8080, 8081});
  EXPECT_THAT(diagnose(few.evidence()).findings[0].why, Not(HasSubstr("scan")));
}

TEST(TcpNoListener, AFullAcceptQueueIsRuledOutOnlyWhereItDidNotMove) {
  auto host = refusing();
  host.counter("netstat.TcpExt.ListenOverflows", 3);
  const auto diagnosis = diagnose(host.evidence());
  const auto found =
      std::ranges::find(diagnosis.findings, std::string("tcp.no-listener"), &model::Finding::cause);
  ASSERT_NE(found, diagnosis.findings.end());
  EXPECT_THAT(found->ruled_out, IsEmpty());
}

TEST(TcpNoListener, WithoutFlagsItSaysLess) {
  auto host = refusing();
  host.evidence().drops.rung = "tracepoint";
  host.evidence().drops.tallies[0].reason = "";
  host.evidence().drops.tallies[0].opens_connection = false;
  const auto finding = diagnose(host.evidence()).findings[0];
  EXPECT_EQ(finding.severity, model::Severity::kNotice);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.title, Not(HasSubstr("nothing listens")));
  EXPECT_THAT(finding.ruled_out, IsEmpty());
}

// Before 5.17: 200 SYNs and 40 other segments end at one function.
EvidenceBuilder refusing_without_reasons() {
  auto host = refusing();
  host.evidence().drops.tallies[0].reason = "";
  host.tally("tcp_v4_rcv", "", 40);
  return host;
}

TEST(TcpNoListener, WithoutReasonsTheFlagsTellWhatIsLeftOfConnections) {
  auto host = refusing_without_reasons();
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kPolicy);
  EXPECT_EQ(diagnosis.totals.refused, 200U);
  EXPECT_EQ(diagnosis.totals.noise, 40U);
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_THAT(diagnosis.findings[0].title, HasSubstr("nothing listens on TCP 10.0.0.1 port 8080"));
  EXPECT_EQ(diagnosis.findings[0].confidence, model::Confidence::kMedium);
}

TEST(TcpNoListener, WithoutReasonsWhatOtherCountersSawIsNotIts) {
  auto host = refusing_without_reasons();
  host.counter("snmp.Tcp.InCsumErrors", 30).counter("snmp.Tcp.InErrs", 30);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.totals.refused, 200U);
  EXPECT_EQ(diagnosis.totals.noise, 10U);
  EXPECT_EQ(diagnosis.totals.lost, 30U);
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
}

}  // namespace
}  // namespace diagnose
