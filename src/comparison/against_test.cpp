#include "comparison/against.h"

#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace comparison {
namespace {

using diagnose::EvidenceBuilder;
using model::Certainty;
using model::Departure;
using testing::HasSubstr;
using testing::Not;

// A window in which the firewall dropped some packets and an UDP socket others, singly.
EvidenceBuilder window(std::uint64_t lost, std::uint64_t filtered, std::uint32_t points = 101) {
  EvidenceBuilder made(points);
  if (lost > 0) {
    made.counter("snmp.Udp.RcvbufErrors", lost)
        .tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", lost, 53)
        .udp_socket(53, lost, 65536);
  } else {
    made.counter("snmp.Udp.RcvbufErrors", 0);
  }
  if (filtered > 0) made.tally("nft_do_chain", "NETFILTER_DROP", filtered);
  return made;
}

model::Diagnosis judged(const model::Evidence& normal, const model::Evidence& now) {
  auto diagnosis = diagnose::diagnose(now);
  judge_against(normal, "monday", now, diagnosis);
  return diagnosis;
}

TEST(Against, AsMuchAsAlwaysIsNormalForThisHost) {
  const auto diagnosis = judged(window(500, 0).evidence(), window(520, 0).evidence());
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  const auto& normal = *diagnosis.findings[0].normal;
  EXPECT_EQ(normal.departure, Departure::kNormal);
  EXPECT_EQ(normal.packets, 500U);
  EXPECT_DOUBLE_EQ(normal.per_second, 50);
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kLoss) << "a normal loss is a loss";
  EXPECT_EQ(diagnosis.totals.lost, 520U);
  EXPECT_THAT(diagnosis.headline, HasSubstr("as is normal for this host"));
  EXPECT_EQ(diagnosis.baseline->name, "monday");
}

TEST(Against, MoreThanNormalSaysHowMuch) {
  const auto diagnosis = judged(window(50, 0).evidence(), window(600, 0).evidence());
  const auto& normal = *diagnosis.findings.at(0).normal;
  EXPECT_EQ(normal.departure, Departure::kMore);
  EXPECT_EQ(normal.certainty, Certainty::kCertain);
  EXPECT_NEAR(*normal.ratio, 12, 0.1);
  EXPECT_THAT(diagnosis.headline, HasSubstr("12 times what is normal"));
}

TEST(Against, TwiceTheLossInTwiceTheTrafficIsNormal) {
  auto now = window(200, 0);
  now.counter("netstat.IpExt.InNoECTPkts", 200'000);
  const auto diagnosis = judged(window(100, 0).evidence(), now.evidence());
  EXPECT_EQ(diagnosis.findings.at(0).normal->departure, Departure::kNormal);
}

TEST(Against, WhatIsNewComesBeforeWhatIsBigAndNormal) {
  const auto diagnosis = judged(window(5000, 0).evidence(), window(5000, 200).evidence());
  ASSERT_EQ(diagnosis.findings.size(), 2U);
  EXPECT_EQ(diagnosis.findings[0].cause, "netfilter.rule-drop");
  EXPECT_EQ(diagnosis.findings[0].id, "f1");
  EXPECT_EQ(diagnosis.findings[0].normal->departure, Departure::kNew);
  EXPECT_EQ(diagnosis.findings[0].severity, model::Severity::kWarning) << "news is no notice";
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kPolicy);
  EXPECT_THAT(diagnosis.headline, HasSubstr("where normally none is"));
  EXPECT_EQ(diagnosis.findings[1].normal->departure, Departure::kNormal);
}

TEST(Against, SymptomsNameTheirFindingsByTheNewNumbers) {
  auto now = window(5000, 200);
  now.counter("snmp.Tcp.RetransSegs", 100);
  auto normal = window(5000, 0, 201);
  normal.counter("snmp.Tcp.RetransSegs", 40);
  auto diagnosis = diagnose::diagnose(now.evidence());
  ASSERT_EQ(diagnosis.symptoms.size(), 1U);
  const auto cause_of_f1 = diagnosis.findings[0].cause;
  diagnosis.symptoms[0].explained_by = {{"f1", 0.5}};
  judge_against(normal.evidence(), "monday", now.evidence(), diagnosis);
  ASSERT_EQ(diagnosis.findings[1].cause, cause_of_f1);
  EXPECT_EQ(diagnosis.symptoms[0].explained_by[0].finding, "f2");
  EXPECT_DOUBLE_EQ(*diagnosis.symptoms[0].baseline, 20) << "40 in twice the time";
}

TEST(Against, AWindowThatCouldNotSeeCannotTell) {
  auto blind = window(0, 0).evidence();
  blind.drops.rung = "";
  const auto diagnosis = judged(blind, window(500, 200).evidence());
  for (const auto& finding : diagnosis.findings) {
    const bool counted = finding.cause == "udp.receive-buffer-full";
    EXPECT_EQ(finding.normal->departure, counted ? Departure::kNew : Departure::kUnknown)
        << finding.cause;
  }
  EXPECT_THAT(diagnosis.findings[0].cause, "udp.receive-buffer-full");
}

TEST(Against, ANamespaceThatIsNewCannotTell) {
  auto now = window(500, 0).evidence();
  auto normal = window(500, 0).evidence();
  normal.netns[0] = {.id = "2", .name = "other"};
  now.host.id = normal.host.id = "host";
  const auto diagnosis = judged(normal, now);
  EXPECT_EQ(diagnosis.findings.at(0).normal->departure, Departure::kUnknown);
  EXPECT_THAT(diagnosis.findings[0].normal->why, HasSubstr("was not there"));
  EXPECT_THAT(diagnosis.headline, Not(HasSubstr("normal")));
}

TEST(Against, AFewMoreThanNoneAreChance) {
  const auto diagnosis = judged(window(0, 0).evidence(), window(3, 0).evidence());
  EXPECT_EQ(diagnosis.findings.at(0).normal->departure, Departure::kNormal);
}

}  // namespace
}  // namespace comparison
