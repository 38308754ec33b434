#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;

// 200 packets lost on eth0, in its root qdisc of this kind.
model::Finding finding_of(const std::string& kind) {
  EvidenceBuilder host;
  host.evidence().devices = {
      {.netns = "1", .ifindex = 2, .name = "eth0", .kind = "physical", .operstate = "up"}};
  host.tally("__dev_queue_xmit", "QDISC_DROP", 200)
      .counter_id(R"(qdisc.drops{dev="eth0",handle="8001:",kind=")" + kind + R"(",netns="1"})",
                  200);
  host.evidence().drops.tallies.back().ifindex = 2;
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

TEST(QdiscEmulatedLoss, WhatNetemDropsIsPolicyAndNoQueueIsAccused) {
  const auto finding = finding_of("netem");
  EXPECT_EQ(finding.cause, "qdisc.emulated-loss");
  EXPECT_EQ(finding.klass, model::Class::kPolicy);
  EXPECT_EQ(finding.packets, 200U);
  EXPECT_THAT(finding.title, HasSubstr("by netem at eth0"));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "qdisc.queue-full")));
  ASSERT_THAT(finding.remedies, SizeIs(2));
  EXPECT_EQ(finding.remedies[0].kind, "print");
  EXPECT_EQ(finding.remedies[1].command, "tc qdisc del dev eth0 root");
}

TEST(QdiscEmulatedLoss, AnotherQueueIsNotNetem) {
  EXPECT_EQ(finding_of("pfifo").cause, "qdisc.queue-full");
}

}  // namespace
}  // namespace diagnose
