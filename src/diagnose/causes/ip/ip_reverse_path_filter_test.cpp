#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/routing_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto kFilter = "net.ipv4.conf.rp_filter";

RoutingBuilder refused() {
  RoutingBuilder host;
  host.received("ip_rcv_finish_core", "IP_RPFILTER", 300)
      .counter("netstat.TcpExt.IPReversePathFilter", 300);
  host.of_device(kFilter, "all", "0").of_device(kFilter, "eth0", "1").way_out("", 3);
  return host;
}

model::Finding found(RoutingBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return finding_of(diagnosis, "ip.reverse-path-filter");
}

TEST(ReversePathFilter, AnAsymmetricWayIsNamedAndALooseFilterOfferedAfterTheRoute) {
  auto host = refused();
  host.way_back("", 3).neighbour(2, "10.0.0.2", "reachable", "02:00:00:00:00:02");
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("an answer to 10.0.0.9 leaves by eth1"));
  ASSERT_THAT(finding.remedies, SizeIs(2));
  EXPECT_EQ(finding.remedies[0].command, "ip route add 10.0.0.9/32 via 10.0.0.2 dev eth0");
  ASSERT_THAT(finding.remedies[1].set, SizeIs(1));
  EXPECT_EQ(finding.remedies[1].set[0].target, "net.ipv4.conf.eth0.rp_filter");
  EXPECT_EQ(finding.remedies[1].set[0].from, "1");
  EXPECT_EQ(finding.remedies[1].set[0].to, "2");
  EXPECT_TRUE(finding.remedies[1].tunable);
  EXPECT_TRUE(finding.remedies[1].persist);
}

TEST(ReversePathFilter, WithoutAWayBackALooseFilterIsNotOffered) {
  auto host = refused();
  host.way_back("ENETUNREACH");
  const auto finding = found(host);
  EXPECT_THAT(finding.why, HasSubstr("even a loose filter refuses it"));
  EXPECT_EQ(remedy_of(finding, "sysctl.rp-filter").id, "");
  EXPECT_THAT(remedy_of(finding, "route.return").command, HasSubstr("GATEWAY"));
  EXPECT_THAT(remedy_of(finding, "route.return").set, IsEmpty());
}

// all 2 would already accept what this filter refuses: another value of eth0 changes nothing.
TEST(ReversePathFilter, TheLargerOfAllAndTheDeviceCounts) {
  auto host = refused();
  host.way_back("", 3).of_device(kFilter, "all", "2");
  const auto finding = found(host);
  EXPECT_EQ(remedy_of(finding, "sysctl.rp-filter").id, "");
  EXPECT_THAT(finding.evidence,
              Contains(Field(&model::Proof::text, HasSubstr("the larger counts, 2 (loose)"))));
}

TEST(ReversePathFilter, ASenderOnTheLinkNeedsNoGateway) {
  auto host = refused();
  host.way_back("ENETUNREACH").neighbour(2, "10.0.0.9", "stale", "02:00:00:00:00:02");
  EXPECT_EQ(remedy_of(found(host), "route.return").command, "ip route add 10.0.0.9/32 dev eth0");
}

TEST(ReversePathFilter, AWayBackBySameDeviceIsNotCalledAsymmetric) {
  auto host = refused();
  host.way_back("", 2);
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.why, HasSubstr("firewall mark"));
  EXPECT_THAT(finding.remedies, IsEmpty());
}

TEST(ReversePathFilter, WithoutTheKernelsAnswerNothingIsClaimed) {
  auto host = refused();
  const auto finding = found(host);
  EXPECT_THAT(finding.title, HasSubstr("not known"));
  EXPECT_THAT(finding.remedies, IsEmpty());
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
}

TEST(ReversePathFilter, MartiansAreRuledOutOnlyWhereThereAreNone) {
  auto host = refused();
  host.way_back("", 3);
  const auto martian = Contains(Field(&model::RuledOut::cause, "ip.martian-source"));
  EXPECT_THAT(found(host).ruled_out, martian);
  host.received("ip_rcv_finish_core", "IP_LOCAL_SOURCE", 2);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(finding_of(diagnosis, "ip.reverse-path-filter").ruled_out, Not(martian));
}

TEST(ReversePathFilter, UntracedItIsStillExplained) {
  auto host = refused();
  host.evidence().drops = {};
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.totals.policy, 300U);
  EXPECT_THAT(finding_of(diagnosis, "ip.reverse-path-filter").remedies, IsEmpty());
}

}  // namespace
}  // namespace diagnose
