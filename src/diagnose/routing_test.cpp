#include "diagnose/routing.h"

#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/routing_builder.h"
#include "diagnose/samples.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Not;
using testing::SizeIs;

TEST(Covers, ByBits) {
  EXPECT_TRUE(covers("10.55.0.0/16", "10.55.255.1"));
  EXPECT_FALSE(covers("10.55.0.0/16", "10.56.0.1"));
  EXPECT_TRUE(covers("10.54.0.0/15", "10.55.0.1"));
  EXPECT_FALSE(covers("10.54.0.0/15", "10.56.0.1"));
  EXPECT_TRUE(covers("0.0.0.0/0", "192.0.2.1"));
  EXPECT_FALSE(covers("0.0.0.0/0", "fd00::1"));
  EXPECT_TRUE(covers("fd55::/64", "fd55::ffff:1"));
  EXPECT_FALSE(covers("fd55::/64", "fd55:0:0:1::1"));
  EXPECT_TRUE(covers("fd55::1/128", "fd55::1"));
  for (const auto* none : {"", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/x", "x/8"}) {
    EXPECT_FALSE(covers(none, "10.0.0.1")) << none;
  }
}

TEST(SpecialRoute, TheMostSpecificOfTheTypeIsTaken) {
  RoutingBuilder host;
  host.special("unreachable", "0.0.0.0/0", "default")
      .special("blackhole", "10.0.0.0/8")
      .special("blackhole", "10.55.0.0/16", "100")
      .special("prohibit", "10.55.1.0/24");
  const auto* any = special_route_to(host.evidence(), "1", "10.55.1.1");
  ASSERT_NE(any, nullptr);
  EXPECT_EQ(any->destination, "10.55.1.0/24");
  EXPECT_EQ(special_route_to(host.evidence(), "1", "10.55.1.1", "blackhole")->table, "100");
  EXPECT_EQ(special_route_to(host.evidence(), "1", "192.0.2.1")->type, "unreachable");
  EXPECT_EQ(special_route_to(host.evidence(), "2", "192.0.2.1"), nullptr);
  EXPECT_EQ(special_route_to(host.evidence(), "1", "fd00::1"), nullptr);
}

TEST(LastHop, IsTheNeighbourWithTheSendersAddress) {
  RoutingBuilder host;
  host.received("ip_error", "IP_INADDRERRORS", 4)
      .neighbour(3, "10.1.0.2", "reachable", "02:00:00:00:00:02")
      .neighbour(2, "10.0.0.3", "reachable", "02:00:00:00:00:03");
  const Booked booked = book(host.evidence()).at(0);
  EXPECT_EQ(last_hop(host.evidence(), ways_of(host.evidence(), booked).at(0)), nullptr);
  host.neighbour(2, "10.0.0.2", "reachable", "02:00:00:00:00:02");
  const auto ways = ways_of(host.evidence(), booked);
  const auto* hop = last_hop(host.evidence(), ways.at(0));
  ASSERT_NE(hop, nullptr);
  EXPECT_EQ(hop->address, "10.0.0.2");
  // A sample that begins with the network layer does not tell.
  host.evidence().drops.samples[0].headers_hex = "4500005000004000011100000a0000090a370101";
  EXPECT_EQ(sender_link_layer(host.evidence().drops.samples[0]), "");
}

TEST(RouteQuestions, OfAReceivedPacketAskForThreeWays) {
  RoutingBuilder host;
  host.received("ip_error", "IP_INNOROUTES", 4);
  const auto asked = questions(host.evidence());
  const auto way = [](const char* source, const char* destination, std::uint32_t from) {
    return model::Question{
        .kind = model::Question::Kind::kRoutes, .netns = "1", .route = {source, destination, from}};
  };
  EXPECT_THAT(asked, Contains(way("10.0.0.9", "10.55.1.1", 2)));
  EXPECT_THAT(asked, Contains(way("10.0.0.9", "10.55.1.1", 0)));
  EXPECT_THAT(asked, Contains(way("10.55.1.1", "10.0.0.9", 0)));
  EXPECT_THAT(asked, Contains(way("", "", 0)));
}

// On its way out, a packet's device is the one that it should leave by.
TEST(RouteQuestions, OfAPacketOnItsWayOutAskForThatWayOnly) {
  RoutingBuilder host;
  host.sent("neigh_invalidate", "NEIGH_FAILED", 4);
  host.evidence().drops.tallies[0].made_here = false;  // forwarded
  int ways = 0;
  for (const auto& question : questions(host.evidence())) {
    if (question.route.destination.empty()) continue;
    ++ways;
    EXPECT_EQ(question.route.from_ifindex, 0U);
  }
  EXPECT_EQ(ways, 1);
}

TEST(RouteQuestions, AreFewHoweverManyDestinationsThereAre) {
  RoutingBuilder host;
  for (int at = 0; at < 50; ++at) {
    host.flow("10.0.0.9", "10.55.1." + std::to_string(at)).received("ip_error", "IP_INNOROUTES", 4);
  }
  EXPECT_THAT(questions(host.evidence()), SizeIs(1 + 3 * 4));
}

TEST(RouteQuestions, EndWhereEnoughWasAnswered) {
  RoutingBuilder host;
  for (int at = 0; at < 24; ++at) host.flow("10.0.0.9", "10.9.9." + std::to_string(at)).way_out("");
  host.flow("10.0.0.9", "10.55.1.1").received("ip_error", "IP_INNOROUTES", 4);
  EXPECT_THAT(questions(host.evidence()), SizeIs(1));
  host.evidence().route_lookups.pop_back();
  EXPECT_THAT(questions(host.evidence()), SizeIs(1 + 3));
}

// ── IPv6 says "no route" of three faults ──

RoutingBuilder six(const std::string& destination = "fd55::1") {
  RoutingBuilder host;
  host.flow("fd00::9", destination).of_netns("net.ipv6.conf.all.forwarding", "1");
  host.received("ip6_pkt_discard", "IP_INNOROUTES", 300).counter("snmp6.Ip6InNoRoutes", 300);
  return host;
}

TEST(Ipv6NoRoute, IsALossWhereSomebodyWantedThePacket) {
  auto host = six();
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.findings[0].cause, "ip.no-route");
  EXPECT_EQ(diagnosis.totals.lost, 300U);
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
}

TEST(Ipv6NoRoute, IsNoiseForMulticastAndItsCounterIsToo) {
  auto host = six("ff02::16");
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(0));
  EXPECT_EQ(diagnosis.totals.noise, 300U);
  EXPECT_EQ(diagnosis.totals.lost, 0U);
}

TEST(Ipv6NoRoute, IsARouteOnPurposeWhereOneCoversAllOfThem) {
  auto host = six();
  host.special("unreachable", "fd55::/64");
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.findings[0].cause, "ip.blackhole-route");
  EXPECT_EQ(diagnosis.totals.policy, 300U);
  EXPECT_EQ(diagnosis.totals.lost, 0U);
}

// On a rung that sees neither namespace nor, where it hides BTF, the destination.
TEST(Ipv6NoRoute, WithoutANamespaceARouteOfAnyIsOnPurpose) {
  for (const bool sampled : {true, false}) {
    auto host = six();
    host.special("prohibit", "fd55::/64");
    host.evidence().drops.rung = sampled ? "drop_monitor" : "tracepoint";
    host.evidence().drops.tallies[0].netns = "";
    if (!sampled) host.evidence().drops.samples.clear();
    EXPECT_EQ(diagnose(host.evidence()).totals.policy, 0U);    // ip6_pkt_discard is not prohibit's
    host.evidence().drops.tallies[0].symbol = "ip6_pkt_drop";  // of 6.1: a jump from both
    EXPECT_EQ(diagnose(host.evidence()).totals.policy, 300U);
  }
}

TEST(Ipv6NoRoute, WhatTheCounterHoldsBesideTheNoiseIsALoss) {
  auto host = six("ff02::16");
  host.counter("snmp6.Ip6InNoRoutes", 310);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.totals.noise, 300U);
  EXPECT_EQ(finding_of(diagnosis, "ip.no-route").packets, 10U);
}

// Untraced, noise cannot be told from a missing route unless this is a router.
TEST(Ipv6NoRoute, UntracedCountsAtARouterOnly) {
  auto host = six();
  host.evidence().drops = {};
  EXPECT_EQ(diagnose(host.evidence()).totals.lost, 300U);
  host.of_netns("net.ipv6.conf.all.forwarding", "0");
  EXPECT_EQ(diagnose(host.evidence()).totals.lost, 0U);
}

TEST(Ipv6Prohibit, IsPolicyThoughItCountsAsNoRoute) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").of_netns("net.ipv6.conf.all.forwarding", "1");
  host.received("ip6_pkt_prohibit", "IP_INNOROUTES", 300).counter("snmp6.Ip6InNoRoutes", 300);
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_EQ(diagnosis.totals.policy, 300U);
  EXPECT_EQ(diagnosis.totals.lost, 0U);
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
}

TEST(Ipv6Forward, WithoutAReasonIsSwitchedOffForwardingOnlyWhereItIsOff) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").of_netns("net.ipv6.conf.all.forwarding", "0");
  host.received("ip6_forward", "NOT_SPECIFIED", 300).counter("snmp6.Ip6InAddrErrors", 300);
  EXPECT_EQ(finding_of(diagnose(host.evidence()), "ip.forwarding-disabled").packets, 300U);
  host.of_netns("net.ipv6.conf.all.forwarding", "1");
  EXPECT_EQ(finding_of(diagnose(host.evidence()), "ip.forwarding-disabled").packets, 0U);
}

TEST(Ipv6Blackhole, IsReceivedOrOnItsWayOut) {
  RoutingBuilder host;
  host.flow("fd00::9", "fd55::1").received("dst_discard_out", "NOT_SPECIFIED", 30);
  EXPECT_EQ(finding_of(diagnose(host.evidence()), "ip.blackhole-route").packets, 30U);
  host.evidence().drops.tallies[0].made_here = true;
  EXPECT_EQ(finding_of(diagnose(host.evidence()), "ip.blackhole-route").packets, 0U);
}

}  // namespace
}  // namespace diagnose
