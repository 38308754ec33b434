#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/routing_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;

RoutingBuilder expired(std::uint64_t packets = 300) {
  RoutingBuilder host;
  host.received("ip_forward", "IP_INHDR", packets)
      .counter("snmp.Ip.InHdrErrors", packets)
      .counter("snmp.Ip.ForwDatagrams", 9'000);
  return host;
}

model::Finding found(RoutingBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
  return finding_of(diagnosis, "ip.ttl-expired");
}

TEST(TtlExpired, ARouteBackToWhereItCameFromIsALoop) {
  auto host = expired();
  host.as_received("", 2, "10.0.0.2").way_back("", 2);
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("a routing loop"));
  EXPECT_THAT(finding.why, HasSubstr("by eth0 to 10.0.0.2"));
  EXPECT_EQ(remedy_of(finding, "sender.ttl").id, "");
}

TEST(TtlExpired, WhatCameInFromTheWrongSideHasBeenRound) {
  auto host = expired();
  host.as_received("", 3, "10.1.0.2").way_back("", 3);
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.title, HasSubstr("probably a routing loop"));
}

TEST(TtlExpired, AStraightWayIsTooLowATtl) {
  auto host = expired();
  host.as_received("", 3, "10.1.0.2").way_back("", 2);
  const auto finding = found(host);
  EXPECT_THAT(finding.title, HasSubstr("too low a TTL"));
  EXPECT_THAT(finding.why, HasSubstr("no loop here"));
  EXPECT_NE(remedy_of(finding, "sender.ttl").id, "");
}

TEST(TtlExpired, ATracerouteIsANotice) {
  auto host = expired(9);
  host.as_received("", 3).way_back("", 2);
  EXPECT_EQ(found(host).severity, model::Severity::kNotice);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kHealthy);
  EXPECT_THAT(diagnosis.headline, HasSubstr("9 packets lost"));
  auto loop = expired(9);
  loop.as_received("", 2).way_back("", 2);
  EXPECT_EQ(found(loop).severity, model::Severity::kWarning);
}

TEST(TtlExpired, WithoutTheKernelsAnswerBothArePossible) {
  auto host = expired();
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.title, HasSubstr("a routing loop, or too low a TTL"));
  EXPECT_THAT(finding.ruled_out, SizeIs(0));
}

TEST(TtlExpired, OfIpv6TheHopLimitOfIpv6IsShown) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").received("ip6_forward", "IP_INHDR", 300);
  host.counter("snmp6.Ip6InHdrErrors", 300).counter("snmp6.Ip6OutForwDatagrams", 7);
  host.as_received("", 3).way_back("", 2);
  const auto finding = found(host);
  EXPECT_THAT(remedy_of(finding, "sender.ttl").command, HasSubstr("hop_limit"));
  EXPECT_THAT(finding.evidence,
              Contains(Field(&model::Proof::text, HasSubstr("7 packets were forwarded"))));
}

}  // namespace
}  // namespace diagnose
