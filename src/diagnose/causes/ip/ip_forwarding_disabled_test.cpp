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

RoutingBuilder not_forwarded() {
  RoutingBuilder host;
  host.received("ip_error", "IP_INADDRERRORS", 300).counter("snmp.Ip.InAddrErrors", 300);
  host.of_netns("net.ipv4.ip_forward", "0").as_received("EHOSTUNREACH").way_back("", 2);
  return host;
}

model::Finding found(RoutingBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return finding_of(diagnosis, "ip.forwarding-disabled");
}

TEST(ForwardingDisabled, ARouterWithTheSwitchOffIsOfferedItAfterTheQuestionWhy) {
  auto host = not_forwarded();
  host.way_out("", 3, "10.1.0.2").neighbour(2, "10.0.0.2", "reachable", "02:00:00:00:00:02");
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.why, HasSubstr("would leave by eth1"));
  EXPECT_THAT(finding.why, HasSubstr("10.0.0.2 (02:00:00:00:00:02) sends here"));
  ASSERT_THAT(finding.remedies, SizeIs(2));
  EXPECT_EQ(finding.remedies[0].id, "show-who-sends");
  EXPECT_EQ(finding.remedies[1].set[0].target, "net.ipv4.ip_forward");
  EXPECT_THAT(finding.remedies[1].risk, HasSubstr("firewall"));
}

TEST(ForwardingDisabled, WhatHasNoWayOnIsAMissingAddressAndNoRouterIsMade) {
  auto host = not_forwarded();
  host.way_out("ENETUNREACH");
  const auto finding = found(host);
  EXPECT_THAT(finding.why, HasSubstr("forwarding would not help"));
  EXPECT_EQ(remedy_of(finding, "sysctl.forwarding").id, "");
  EXPECT_EQ(remedy_of(finding, "address.add").command, "ip addr add 10.55.1.1/32 dev eth0");
}

// The sender could have reached it itself.
TEST(ForwardingDisabled, AWayOnByTheSameDeviceIsAWrongNextHop) {
  auto host = not_forwarded();
  host.way_out("", 2);
  EXPECT_EQ(remedy_of(found(host), "sysctl.forwarding").id, "");
}

TEST(ForwardingDisabled, WhereIpForwardIsOnTheDevicesOwnSwitchIsNamed) {
  auto host = not_forwarded();
  host.way_out("", 3).of_netns("net.ipv4.ip_forward", "1");
  host.of_device("net.ipv4.conf.forwarding", "eth0", "0");
  const auto remedy = remedy_of(found(host), "sysctl.forwarding");
  ASSERT_THAT(remedy.set, SizeIs(1));
  EXPECT_EQ(remedy.set[0].target, "net.ipv4.conf.eth0.forwarding");
}

TEST(ForwardingDisabled, OfIpv6ItIsAnotherSwitch) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").received("ip6_forward", "IP_INADDRERRORS", 300);
  host.of_netns("net.ipv6.conf.all.forwarding", "0").of_netns("net.ipv4.ip_forward", "1");
  host.way_out("", 3).counter("snmp6.Ip6InAddrErrors", 300);
  const auto remedy = remedy_of(found(host), "sysctl.forwarding");
  ASSERT_THAT(remedy.set, SizeIs(1));
  EXPECT_EQ(remedy.set[0].target, "net.ipv6.conf.all.forwarding");
}

TEST(ForwardingDisabled, MissingRoutesAreRuledOutByTheirCounter) {
  auto host = not_forwarded();
  host.way_out("", 3).counter("netstat.IpExt.InNoRoutes", 0);
  const auto ruled = Contains(Field(&model::RuledOut::cause, "ip.no-route"));
  EXPECT_THAT(found(host).ruled_out, ruled);
  host.counter("netstat.IpExt.InNoRoutes", 5);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(finding_of(diagnosis, "ip.forwarding-disabled").ruled_out, Not(ruled));
}

// As it is without the right to enter the namespace.
TEST(ForwardingDisabled, WhereTheRoutesWereNotSeenNothingIsSaidOfTheWayOn) {
  RoutingBuilder host;
  host.received("ip_error", "IP_INADDRERRORS", 300);
  host.evidence().devices.clear();
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.why, HasSubstr("could not be seen"));
  EXPECT_THAT(finding.why, Not(HasSubstr("would not help")));
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].command, "tcpdump -eni any -c 10 host 10.55.1.1");
}

TEST(ForwardingDisabled, UntracedItOffersNothingThatItDoesNotKnow) {
  auto host = not_forwarded();
  host.evidence().drops = {};
  const auto finding = found(host);
  EXPECT_EQ(finding.packets, 300U);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].kind, "print");
}

}  // namespace
}  // namespace diagnose
