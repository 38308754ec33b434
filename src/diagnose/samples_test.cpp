#include "diagnose/samples.h"

#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::SizeIs;

// A socket of namespace 1 lost packets; 2 is joined to it, and 3 to 2.
EvidenceBuilder joined() {
  EvidenceBuilder host;
  host.evidence().netns.push_back({.id = "2", .name = "A"});
  host.evidence().netns.push_back({.id = "3", .name = "C"});
  host.device("to-a", 2, "1", {"10.0.0.1/24"})
      .device("to-b", 2, "2", {"10.0.0.2/24"})
      .device("eth0", 2, "3", {"10.9.0.2/24"})
      .device("to-c", 3, "2", {"10.9.0.1/24"})
      .tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 100, 5001)
      .counter("snmp.Udp.RcvbufErrors", 100);
  host.evidence().devices[0].peer = {"2", "to-b"};
  host.evidence().devices[1].peer = {"1", "to-a"};
  host.evidence().devices[2].peer = {"2", "to-c"};
  host.evidence().devices[3].peer = {"3", "eth0"};
  return host;
}

const model::Hit* hit_in(const model::Account& account, const model::Inode& netns) {
  const auto found = std::ranges::find(account.hits, netns, &model::Hit::netns);
  return found == account.hits.end() ? nullptr : &*found;
}

TEST(Senders, ANamespaceIsHitByItsShareOfTheSamples) {
  auto host = joined();
  host.sample("10.0.0.2", "10.0.0.1").sample("10.0.0.2", "10.0.0.1");
  host.sample("10.9.0.2", "10.0.0.1").sample("192.0.2.7", "10.0.0.1");
  const auto booked = book(host.evidence());
  ASSERT_THAT(booked, SizeIs(1));
  const auto* sender = hit_in(booked[0].account, "2");
  ASSERT_NE(sender, nullptr);
  EXPECT_EQ(sender->packets, 50U);
  EXPECT_EQ(sender->flow->source, "10.0.0.2");
  ASSERT_NE(hit_in(booked[0].account, "3"), nullptr);
  EXPECT_EQ(hit_in(booked[0].account, "3")->packets, 25U);
}

TEST(Senders, OfTwoNamespacesWithOneAddressTheConnectedOneIsMeant) {
  auto host = joined();
  host.evidence().devices[2].addresses = {"10.0.0.2/24"};
  host.evidence().devices[2].peer.reset();
  host.evidence().devices[3].peer.reset();
  host.sample("10.0.0.2", "10.0.0.1");
  const auto booked = book(host.evidence());
  EXPECT_NE(hit_in(booked[0].account, "2"), nullptr);
  EXPECT_EQ(hit_in(booked[0].account, "3"), nullptr);
}

TEST(Senders, WhatWasMadeWhereItDiedHasNoOtherSender) {
  auto host = joined();
  host.sample("10.0.0.2", "10.0.0.9");
  host.evidence().drops.tallies[0].made_here = true;
  EXPECT_EQ(hit_in(book(host.evidence())[0].account, "2"), nullptr);
}

TEST(Senders, ANamespaceThatIsGoneIsNotGuessedAboutByAddresses) {
  auto host = joined();
  host.sample("10.0.0.2", "10.0.0.1");
  host.evidence().devices[0].vanished = true;
  EXPECT_EQ(hit_in(book(host.evidence())[0].account, "2"), nullptr);
}

TEST(Senders, WhatIsNotConnectedCannotHaveSentIt) {
  auto host = joined();
  host.sample("10.0.0.2", "10.0.0.1");
  host.evidence().devices[0].peer.reset();
  host.evidence().devices[1].peer.reset();
  EXPECT_EQ(hit_in(book(host.evidence())[0].account, "2"), nullptr);
  EXPECT_EQ(netns_of_address(host.evidence(), "10.0.0.2", ""), "2");
}

TEST(Senders, AnAddressIsNoPrefixOfAnother) {
  auto host = joined();
  EXPECT_EQ(netns_of_address(host.evidence(), "10.0.0.2", "1"), "2");
  EXPECT_FALSE(netns_of_address(host.evidence(), "10.0.0", "1").has_value());
  EXPECT_FALSE(netns_of_address(host.evidence(), "10.0.0.22", "1").has_value());
}

TEST(Senders, ALossThatHitsTheSelectedNamespaceIsItsAffair) {
  auto host = joined();
  host.sample("10.0.0.2", "10.0.0.1");
  for (auto& netns : host.evidence().netns) netns.selected = netns.id == "2";
  EXPECT_THAT(diagnose(host.evidence()).findings, SizeIs(1));
  for (auto& netns : host.evidence().netns) netns.selected = netns.id == "3";
  EXPECT_THAT(diagnose(host.evidence()).findings, SizeIs(0));
}

TEST(Samples, RoutesAreAskedOncePerWayAndNotForever) {
  auto host = joined();
  for (int at = 0; at < 20; ++at) host.sample("10.0.0.2", "10.5.0." + std::to_string(at / 2));
  const auto booked = book(host.evidence());
  EXPECT_THAT(route_questions(host.evidence(), booked[0]), SizeIs(4));
}

}  // namespace
}  // namespace diagnose
