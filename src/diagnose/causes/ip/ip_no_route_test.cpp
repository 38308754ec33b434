#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/routing_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

RoutingBuilder without_route() {
  RoutingBuilder host;
  host.received("ip_error", "IP_INNOROUTES", 300).counter("netstat.IpExt.InNoRoutes", 300);
  return host;
}

model::Finding found(RoutingBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return finding_of(diagnosis, "ip.no-route");
}

TEST(NoRoute, NamesTheDestinationAndPrintsTheRoute) {
  auto host = without_route();
  host.as_received("ENETUNREACH").way_out("ENETUNREACH").way_back("", 2);
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("10.55.1.1"));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "ip.blackhole-route")));
  EXPECT_EQ(remedy_of(finding, "show-route").command,
            "ip route get 10.55.1.1 from 10.0.0.9 iif eth0");
  const auto add = remedy_of(finding, "route.add");
  EXPECT_EQ(add.kind, "print");
  EXPECT_FALSE(add.tunable);
  EXPECT_EQ(add.command, "ip route add 10.55.1.1/32 via NEXT-HOP");
}

TEST(NoRoute, ARouteThatIsThereByNowIsNotAddedAgain) {
  auto host = without_route();
  host.as_received("", 3);
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.why, HasSubstr("routes come and go"));
  EXPECT_EQ(remedy_of(finding, "route.add").id, "");
}

TEST(NoRoute, ARouteThatDropsIsNotRuledOutWhereOneCoversIt) {
  auto host = without_route();
  host.as_received("ENETUNREACH").special("blackhole", "10.0.0.0/8", "100");
  EXPECT_THAT(found(host).ruled_out,
              Not(Contains(Field(&model::RuledOut::cause, "ip.blackhole-route"))));
}

// IPv6 asks for a route before it asks whether it may forward.
TEST(NoRoute, AnIpv6HostThatDoesNotForwardIsNotGivenARoute) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").of_netns("net.ipv6.conf.all.forwarding", "0");
  host.received("ip6_pkt_discard", "IP_INNOROUTES", 300).as_received("ENETUNREACH");
  const auto finding = found(host);
  EXPECT_THAT(finding.why, HasSubstr("does not forward either"));
  EXPECT_EQ(remedy_of(finding, "route.add").id, "");
}

// As it is without the right to enter the namespace: neither devices nor routes are known.
TEST(NoRoute, WithoutTheRoutesOfIpv6ItMayBeADecision) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").received("ip6_pkt_discard", "IP_INNOROUTES", 300);
  host.evidence().devices.clear();
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.why, HasSubstr("unreachable"));
  EXPECT_THAT(finding.evidence,
              Contains(Field(&model::Proof::text, "sampled: from fd00::9 to fd55::1")));
  EXPECT_EQ(remedy_of(finding, "show-route").command, "ip route get fd55::1 from fd00::9 iif DEV");
  EXPECT_EQ(remedy_of(finding, "route.add").id, "") << "a decision would be undone by it";
}

TEST(NoRoute, UntracedItHasNoDestinationToName) {
  auto host = without_route();
  host.evidence().drops = {};
  const auto finding = found(host);
  EXPECT_THAT(finding.title, HasSubstr("other networks"));
  EXPECT_THAT(finding.remedies, SizeIs(0));
}

}  // namespace
}  // namespace diagnose
