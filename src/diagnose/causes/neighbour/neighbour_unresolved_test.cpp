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

RoutingBuilder unanswered() {
  RoutingBuilder host;
  host.sent("neigh_invalidate", "NEIGH_FAILED", 200);
  return host;
}

model::Finding found(RoutingBuilder& host) {
  return finding_of(diagnose(host.evidence()), "neighbour.unresolved");
}

TEST(NeighbourUnresolved, TheDestinationItselfDoesNotAnswer) {
  auto host = unanswered();
  host.way_out("", 3).neighbour(3, "10.55.1.1", "failed");
  const auto finding = found(host);
  EXPECT_EQ(finding.packets, 200U);
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("10.55.1.1 behind eth1 does not answer ARP"));
  EXPECT_THAT(finding.why, HasSubstr("prefix of our own address is too wide"));
  EXPECT_EQ(remedy_of(finding, "ask-neighbour").command, "arping -c 3 -I eth1 10.55.1.1");
}

TEST(NeighbourUnresolved, AGatewayIsNamedAndNotWhatIsBehindIt) {
  auto host = unanswered();
  host.way_out("", 3, "10.1.0.2").neighbour(3, "10.1.0.2", "incomplete");
  const auto finding = found(host);
  EXPECT_THAT(finding.title, HasSubstr("gateway 10.1.0.2 behind eth1"));
  EXPECT_THAT(finding.why, HasSubstr("cut off, 10.55.1.1 for one"));
}

TEST(NeighbourUnresolved, ANeighbourThatAnswersByNowLeavesDoubt) {
  auto host = unanswered();
  host.way_out("", 3).neighbour(3, "10.55.1.1", "reachable");
  EXPECT_EQ(found(host).confidence, model::Confidence::kMedium);
}

// As it is without the right to enter the namespace: neither devices nor routes are known.
TEST(NeighbourUnresolved, OfANextHopThatWasNotSeenNothingIsGuessed) {
  auto host = unanswered();
  host.evidence().devices.clear();
  const auto finding = found(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.why, HasSubstr("who has the next hop's address, and nobody answered"));
  EXPECT_THAT(finding.why, HasSubstr("gateway"));
  EXPECT_THAT(finding.why, Not(HasSubstr("prefix of our own address")));
  EXPECT_THAT(finding.remedies, IsEmpty());
}

TEST(NeighbourUnresolved, OfIpv6WithoutAReason) {
  RoutingBuilder host;
  host.flow("fd00::1", "fd55::1").sent("neigh_invalidate", "NOT_SPECIFIED", 200);
  host.way_out("", 3).neighbour(3, "fd55::1", "failed");
  const auto finding = found(host);
  EXPECT_THAT(finding.title, HasSubstr("neighbour discovery"));
  EXPECT_THAT(remedy_of(finding, "ask-neighbour").command, HasSubstr("ndisc6"));
}

// Another packet that is sent meanwhile makes the entry incomplete again, and neigh_invalidate then
// frees the rest of its queue without the error report.
TEST(NeighbourUnresolved, WhatIsFreedWithTheRestOfTheQueueIsTheSameLoss) {
  auto host = unanswered();
  host.sent("neigh_invalidate", "QUEUE_PURGE", 152);
  EXPECT_EQ(found(host).packets, 352U);
  EXPECT_EQ(diagnose(host.evidence()).totals.noise, 0U);
}

TEST(NeighbourUnresolved, WithoutTheKernelsAnswerNobodyIsNamed) {
  auto host = unanswered();
  const auto finding = found(host);
  EXPECT_THAT(finding.title, HasSubstr("the next hop behind eth1"));
  EXPECT_THAT(finding.remedies, IsEmpty());
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
}

TEST(NeighbourUnresolved, AFullTableIsRuledOutOnlyWhereNoEntryWasRefused) {
  auto host = unanswered();
  const auto ruled = Contains(Field(&model::RuledOut::cause, "neighbour.table-full"));
  EXPECT_THAT(found(host).ruled_out, ruled);
  host.sent("ip_finish_output2", "NEIGH_CREATEFAIL", 3);
  EXPECT_THAT(found(host).ruled_out, Not(ruled));
}

// ── what the queue had no room for ──

RoutingBuilder overflowing() {
  RoutingBuilder host;
  host.sent("__neigh_event_send", "NEIGH_QUEUEFULL", 100).bursts(1, 1);
  host.of_device("net.ipv4.neigh.unres_qlen_bytes", "eth1", "212992").way_out("", 3);
  return host;
}

TEST(NeighbourQueueFull, BesideAnUnresolvedNeighbourItIsTheSameFault) {
  auto host = overflowing();
  host.neighbour(3, "10.55.1.1", "failed").sent("neigh_invalidate", "NEIGH_FAILED", 256);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(2));
  EXPECT_EQ(diagnosis.findings[0].cause, "neighbour.unresolved");
  EXPECT_THAT(diagnosis.findings[0].evidence,
              Contains(Field(&model::Proof::text, HasSubstr("100 packets more"))));
  const auto& queue = diagnosis.findings[1];
  EXPECT_EQ(queue.cause, "neighbour.queue-full");
  EXPECT_EQ(queue.severity, model::Severity::kNotice);
  ASSERT_THAT(queue.because, SizeIs(1));
  EXPECT_EQ(queue.because[0].cause, "neighbour.unresolved");
  EXPECT_THAT(queue.remedies, IsEmpty());
  EXPECT_EQ(diagnosis.totals.lost, 356U);
}

TEST(NeighbourQueueFull, BeforeAnythingIsGivenUpItIsTheOnlyWarning) {
  auto host = overflowing();
  host.neighbour(3, "10.55.1.1", "incomplete");
  const auto finding = finding_of(diagnose(host.evidence()), "neighbour.queue-full");
  EXPECT_NE(finding.severity, model::Severity::kNotice);
  EXPECT_EQ(finding.because.at(0).cause, "neighbour.unresolved");
  EXPECT_THAT(finding.remedies, IsEmpty());
}

TEST(NeighbourQueueFull, WhereTheNeighbourAnswersTheQueueIsSizedFromTheBurst) {
  auto host = overflowing();
  host.neighbour(3, "10.55.1.1", "reachable");
  const auto finding = finding_of(diagnose(host.evidence()), "neighbour.queue-full");
  EXPECT_EQ(finding.because.at(0).cause, "load.burst");
  const auto remedy = remedy_of(finding, "sysctl.unres-qlen-bytes");
  ASSERT_THAT(remedy.set, SizeIs(1));
  EXPECT_EQ(remedy.set[0].target, "net.ipv4.neigh.eth1.unres_qlen_bytes");
  // (212,992 + 100 x 1,280) x 1.25 = 426,240, rounded up to 64 KiB.
  EXPECT_EQ(remedy.set[0].to, "458752");
}

TEST(NeighbourQueueFull, UnknownWhetherItAnswersNothingIsProposed) {
  auto host = overflowing();
  const auto finding = finding_of(diagnose(host.evidence()), "neighbour.queue-full");
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.remedies, IsEmpty());
}

}  // namespace
}  // namespace diagnose
