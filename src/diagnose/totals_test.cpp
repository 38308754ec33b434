// What is said of totals since the host was started.
#include <gmock/gmock.h>

#include "diagnose/cause.h"
#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::HasSubstr;
using testing::Not;

model::Evidence since_boot(model::Evidence evidence, double days = 12.5) {
  evidence.window.kind = "since_boot";
  evidence.window.duration_ns = static_cast<std::int64_t>(days * 86400e9);
  evidence.timeline.at_ns = {0, evidence.window.duration_ns};
  for (auto& [id, series] : evidence.timeline.counters) {
    const auto rise = model::increment(series).amount;
    series = {};
    series.add(0, 0);
    series.add(1, rise);
  }
  evidence.drops = {};
  return evidence;
}

TEST(Totals, TheHeadlineSaysSinceWhen) {
  const auto diagnosis =
      diagnose(since_boot(EvidenceBuilder().counter("snmp.Udp.RcvbufErrors", 5000).evidence()));
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kLoss);
  EXPECT_THAT(diagnosis.headline,
              HasSubstr("since the host was started, 12 days before the report"));
  const auto healthy = diagnose(since_boot(EvidenceBuilder().evidence(), 0.01));
  EXPECT_THAT(healthy.headline, HasSubstr("started, 14 minutes before the report"));
}

TEST(Totals, NothingIsMoreThanMediumSureAndNoRateIsTold) {
  const auto diagnosis = diagnose(since_boot(EvidenceBuilder()
                                                 .counter("snmp.Udp.RcvbufErrors", 5000)
                                                 .counter("snmp.Udp.InDatagrams", 7)
                                                 .evidence()));
  ASSERT_FALSE(diagnosis.findings.empty());
  const auto& finding = diagnosis.findings.front();
  EXPECT_EQ(finding.cause, "udp.receive-buffer-full");
  EXPECT_EQ(finding.severity, model::Severity::kCritical);
  EXPECT_NE(finding.confidence, model::Confidence::kHigh);
  EXPECT_TRUE(finding.because.empty());
  for (const auto& proof : finding.evidence) EXPECT_THAT(proof.text, Not(HasSubstr("are read at")));
}

TEST(Totals, ACauseThatNeedsAWindowDoesNotSpeak) {
  const auto evidence = since_boot(
      EvidenceBuilder()
          .counter_id(model::counter_id("softnet.dropped", {{"cpu", "0"}, {"shared", "host"}}),
                      5000)
          .evidence());
  const auto diagnosis = diagnose(evidence);
  ASSERT_FALSE(diagnosis.findings.empty());
  const auto& finding = diagnosis.findings.front();
  EXPECT_EQ(finding.cause, "backlog.queue-full");
  EXPECT_EQ(finding.packets, 5000U);
  EXPECT_TRUE(finding.because.empty());
  EXPECT_EQ(diagnosis.totals.explained, 5000U);
}

TEST(Totals, ARareLossIsANotice) {
  const auto diagnosis =
      diagnose(since_boot(EvidenceBuilder().counter("snmp.Udp.RcvbufErrors", 9).evidence()));
  ASSERT_FALSE(diagnosis.findings.empty());
  EXPECT_EQ(diagnosis.findings.front().severity, model::Severity::kNotice);
  auto window = EvidenceBuilder().counter("snmp.Udp.RcvbufErrors", 9).evidence();
  EXPECT_EQ(diagnose(window).findings.front().severity, model::Severity::kWarning);
}

}  // namespace
}  // namespace diagnose
