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

RoutingBuilder dropped() {
  RoutingBuilder host;
  host.received("ip_error", "NOT_SPECIFIED", 3000);
  return host;
}

model::Finding found(RoutingBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kPolicy);
  return finding_of(diagnosis, "ip.blackhole-route");
}

TEST(BlackholeRoute, TheErrorTellsTheTypeAndTheTypeTheRoute) {
  struct {
    const char* error;
    const char* type;
    const char* destination;
  } const kinds[] = {{"EINVAL", "blackhole", "10.55.0.0/16"},
                     {"EACCES", "prohibit", "10.55.1.0/24"},
                     {"EHOSTUNREACH", "unreachable", "10.0.0.0/8"}};
  for (const auto& kind : kinds) {
    auto host = dropped();
    for (const auto& other : kinds) host.special(other.type, other.destination, "100");
    host.as_received(kind.error);
    const auto finding = found(host);
    EXPECT_THAT(finding.title, HasSubstr(std::string(kind.type) + " route to " + kind.destination));
    EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
    EXPECT_EQ(remedy_of(finding, "route.remove").command,
              std::string("ip route del ") + kind.type + " " + kind.destination + " table 100");
    EXPECT_FALSE(remedy_of(finding, "route.remove").tunable);
  }
}

TEST(BlackholeRoute, WithoutSuchARouteAPolicyRuleIsSuspectedAndNothingRemoved) {
  auto host = dropped();
  host.special("blackhole", "10.99.0.0/16").as_received("EINVAL");
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.why, HasSubstr("ip rule"));
  EXPECT_EQ(remedy_of(finding, "route.remove").id, "");
}

TEST(BlackholeRoute, NotYetAskedItTakesTheRouteThatCovers) {
  auto host = dropped();
  host.special("prohibit", "10.55.0.0/16");
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.title, HasSubstr("prohibit route to 10.55.0.0/16"));
}

// Another way now: what covers it did not drop it, or is gone.
TEST(BlackholeRoute, AWayThatLeadsOnAccusesNoRoute) {
  auto host = dropped();
  host.special("blackhole", "10.55.0.0/16").as_received("", 3);
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_EQ(remedy_of(finding, "route.remove").id, "");
}

TEST(BlackholeRoute, RivalsAreRuledOutByCountersThatStandStill) {
  auto host = dropped();
  host.as_received("EINVAL").special("blackhole", "10.55.0.0/16");
  host.counter("netstat.IpExt.InNoRoutes", 0);
  const auto finding = found(host);
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "ip.no-route")));
  // Not read, so nothing is said.
  EXPECT_THAT(finding.ruled_out,
              Not(Contains(Field(&model::RuledOut::cause, "ip.forwarding-disabled"))));
}

}  // namespace
}  // namespace diagnose
