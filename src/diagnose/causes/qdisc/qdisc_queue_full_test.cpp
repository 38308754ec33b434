#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string kTbf = R"({dev="eth0",handle="8001:",kind="tbf",netns="1"})";

// Gives a series a value at each point from 0 on.
void put(model::Series& series, const std::vector<std::uint64_t>& values) {
  series = {};
  for (std::uint32_t point = 0; point < values.size(); ++point) series.add(point, values[point]);
}

// 400 packets of 500 bytes lost on eth0, in a tbf of 1 Mbyte/s and 20 kB, over a window of 1 s.
EvidenceBuilder full_queue() {
  EvidenceBuilder host;
  auto& evidence = host.evidence();
  evidence.devices = {
      {.netns = "1", .ifindex = 2, .name = "eth0", .kind = "physical", .operstate = "up"}};
  host.tally("__dev_queue_xmit", "QDISC_DROP", 400)
      .counter_id("qdisc.drops" + kTbf, 400)
      .counter_id("qdisc.bytes" + kTbf, 300'000)
      .counter("snmp.Ip.OutDiscards", 400)
      .counter("snmp.Udp.SndbufErrors", 400)
      .counter_id(R"(link.tx_errors{dev="eth0",netns="1"})", 0);
  auto& tally = evidence.drops.tallies.back();
  tally.ifindex = 2;
  tally.protocol = 0x0800;
  tally.made_here = true;
  evidence.drops.samples.push_back({.tally = 0, .comm = "backupd"});
  evidence.settings["qdisc.limit_bytes" + kTbf] = "20000";
  evidence.settings["qdisc.rate_bytes_per_s" + kTbf] = "1000000";
  evidence.settings["qdisc.burst_bytes" + kTbf] = "3000";
  put(evidence.timeline.gauges["qdisc.backlog" + kTbf],
      {0, 0, 18'000, 0, 9000, 0, 18'000, 0, 0, 18'000, 0});
  return host;
}

// In 10 bursts, one every 100 ms: 40 packets = 20 kB each.
EvidenceBuilder bursty() {
  auto host = full_queue();
  host.bursts(10, 10);
  return host;
}

// In every slot of 10 ms; the queue never drains.
EvidenceBuilder overloaded() {
  auto host = full_queue();
  host.bursts(100, 1).counter_id("qdisc.bytes" + kTbf, 1'000'000);
  put(host.evidence().timeline.gauges["qdisc.backlog" + kTbf],
      {0, 19'000, 19'500, 20'000, 19'800, 19'000, 19'900, 20'000, 19'900, 19'500, 19'000});
  return host;
}

model::Finding only_finding(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

std::string root(const model::Finding& finding) {
  return finding.because.empty() ? "" : finding.because[0].cause;
}

TEST(QdiscQueueFull, ABurstThatFitsTheRateIsTheLimitsFault) {
  auto host = bursty();
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "qdisc.queue-full");
  EXPECT_EQ(root(finding), "config.queue-limit");
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  EXPECT_THAT(finding.title, HasSubstr("400 packets lost in the full queue of eth0 (tbf 8001:)"));
  EXPECT_THAT(finding.title, HasSubstr("backupd"));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "qdisc.standing-queue")));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "link.device-down")));
}

TEST(QdiscQueueFull, TheLimitIsSizedFromTheLargestBurst) {
  auto host = bursty();
  const auto remedies = only_finding(host).remedies;
  ASSERT_THAT(remedies, Not(IsEmpty()));
  const auto& remedy = remedies[0];
  EXPECT_EQ(remedy.kind, "qdisc");
  EXPECT_TRUE(remedy.tunable);
  // (20,000 + 20,000) x 1.25 = 50,000, rounded up to KiB.
  EXPECT_EQ(remedy.command,
            "tc qdisc change dev eth0 root handle 8001: tbf rate 8000000bit burst 3000b limit "
            "50176");
  EXPECT_THAT(remedy.undo, HasSubstr("limit 20000"));
  ASSERT_THAT(remedy.set, SizeIs(1));
  EXPECT_EQ(remedy.set[0].from, "20000");
  EXPECT_EQ(remedy.set[0].to, "50176");
  EXPECT_THAT(remedy.risk, HasSubstr("50 ms"));  // 50,176 bytes at 1 Mbyte/s
}

TEST(QdiscQueueFull, InANamespaceOfThatNameTheCommandGoesThere) {
  auto host = bursty();
  host.evidence().netns[0].name = "blue";
  EXPECT_THAT(only_finding(host).remedies[0].command,
              testing::StartsWith("ip netns exec blue tc qdisc change"));
}

TEST(QdiscQueueFull, WhereMoreIsOfferedThanPassesNoLimitHelps) {
  auto host = overloaded();
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "qdisc.standing-queue");
  EXPECT_THAT(finding.why, HasSubstr("A longer queue would fill up too"));
  EXPECT_THAT(finding.remedies, Not(IsEmpty()));
  EXPECT_THAT(finding.remedies, Each(Field(&model::Remedy::kind, Not("qdisc"))));
  EXPECT_THAT(finding.remedies, Each(Field(&model::Remedy::set, IsEmpty())));
}

TEST(QdiscQueueFull, UnwatchedAndWithoutARateTheDropsThemselvesTell) {
  auto host = overloaded();
  host.evidence().timeline.gauges.clear();
  host.evidence().settings.erase("qdisc.rate_bytes_per_s" + kTbf);
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "qdisc.standing-queue");
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
}

TEST(QdiscQueueFull, AQueueThatWouldDelayTooLongIsNoRemedy) {
  auto host = bursty();
  host.evidence().thresholds.acceptable_queue_delay_s = 0.04;
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "load.burst");
  EXPECT_THAT(finding.remedies, Each(Field(&model::Remedy::kind, Not("qdisc"))));
}

TEST(QdiscQueueFull, APeakRateWouldBeLostByAChangeSoNoneIsOffered) {
  auto host = bursty();
  host.evidence().settings["qdisc.peak_bytes_per_s" + kTbf] = "2000000";
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "config.queue-limit");
  EXPECT_THAT(finding.remedies, Each(Field(&model::Remedy::kind, Not("qdisc"))));
}

TEST(QdiscQueueFull, WithoutALimitNothingIsSized) {
  auto host = bursty();
  host.evidence().settings.clear();
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "");
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].kind, "print");
}

// As it is without the right to enter the namespace: a device without carrier drops at the same
// place with the same reason.
TEST(QdiscQueueFull, OfAQueueThatWasNotSeenNothingIsBlamed) {
  EvidenceBuilder host;
  host.tally("__dev_queue_xmit", "QDISC_DROP", 400).bursts(100, 1);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "qdisc.queue-full");
  EXPECT_EQ(root(finding), "");
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.why, HasSubstr("no carrier"));
  EXPECT_THAT(finding.ruled_out, IsEmpty());
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].id, "show-qdisc");
}

TEST(QdiscQueueFull, AsksForTheQueuesOfItsNamespaceToBeWatched) {
  auto host = bursty();
  EXPECT_TRUE(questions(host.evidence()).contains({model::Question::Kind::kWatchQdiscs, "1"}));
}

}  // namespace
}  // namespace diagnose
