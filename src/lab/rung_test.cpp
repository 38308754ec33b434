// What a lower rung may leave unsaid, and what it may not: each is tried once.
#include "lab/rung.h"

#include <gmock/gmock.h>

namespace lab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string netns_name(std::string_view name) {
  return "wdlab-7-" + std::string(name);
}

Scenario scenario() {
  Scenario one{.name = "udp.x", .cure = "app.so-rcvbuf"};
  one.expect = {.cause = "udp.receive-buffer-full",
                .because = "config.buffer-limit",
                .verdict = "loss",
                .packets = "sent - received",
                .object = {"reader", "5001", "server"},
                .not_accused = {"load.burst"},
                .says = {"in bursts"}};
  return one;
}

// The cause and its packets, and nothing else.
model::Diagnosis bare(const std::string& rung) {
  model::Diagnosis all;
  all.rung = rung;
  all.verdict = model::Verdict::kLoss;
  all.totals.lost = all.totals.explained = 40;
  all.findings = {{.id = "f1", .cause = "udp.receive-buffer-full", .packets = 40}};
  return all;
}

model::Diagnosis silent(const std::string& rung) {
  model::Diagnosis all;
  all.rung = rung;
  all.verdict = model::Verdict::kInconclusive;
  return all;
}

std::vector<Check> checked(const model::Diagnosis& diagnosis) {
  const std::vector<traffic::Counts> counts = {{.name = "sender", .sent = 100},
                                               {.name = "reader", .received = 60}};
  auto checks = check(scenario(), diagnosis, counts, netns_name);
  mark_unseen(scenario(), diagnosis, checks);
  return checks;
}

std::vector<std::string> broken(const model::Diagnosis& diagnosis) {
  std::vector<std::string> names;
  for (const auto& one : checked(diagnosis)) {
    if (!one.held && !one.unseen) names.push_back(one.what);
  }
  return names;
}

TEST(Rung, WhatALowerOneDoesNotSeeMayBeMissing) {
  EXPECT_THAT(broken(bare("tracepoint")), IsEmpty());
  EXPECT_TRUE(all_held(checked(bare("tracepoint"))));
}

TEST(Rung, TheFirstOneSeesEverything) {
  EXPECT_THAT(broken(bare("tp_btf")),
              ElementsAre("because", "process", "port", "namespace", "remedy", "says"));
}

TEST(Rung, ItMaySayThatItCouldNotSee) {
  EXPECT_THAT(broken(silent("")), IsEmpty());
  EXPECT_THAT(broken(silent("tp_btf")), testing::Contains("cause"));
}

TEST(Rung, ItMaySayThatItMissedADrop) {
  for (const auto* rung : {"tracepoint", "tp_btf"}) {
    auto missed = bare(rung);
    missed.findings[0].packets = 39;
    missed.findings.insert(missed.findings.begin(),
                           {.id = "f0", .cause = "unknown@untraced", .packets = 1});
    missed.verdict = model::Verdict::kUnknown;
    missed.totals.unexplained = 1;
    const bool low = std::string_view(rung) == "tracepoint";
    EXPECT_EQ(all_held(checked(missed)), low) << testing::PrintToString(broken(missed));
    missed.findings[1].packets = 30;  // more than that is missing
    EXPECT_THAT(broken(missed), testing::Contains("packets"));
  }
}

TEST(Rung, AWrongWordStaysWrong) {
  auto other_cause = bare("tracepoint");
  other_cause.findings[0].cause = "qdisc.queue-full";
  EXPECT_THAT(broken(other_cause), ElementsAre("cause"));
  auto other_number = bare("tracepoint");
  other_number.findings[0].packets = 39;
  EXPECT_THAT(broken(other_number), ElementsAre("packets"));
  auto other_root = bare("tracepoint");
  other_root.findings[0].because = {{"load.burst", 1.0, model::Confidence::kLow}};
  EXPECT_THAT(broken(other_root), ElementsAre("because", "not accused"));
  auto other_place = bare("tracepoint");
  other_place.findings[0].at.netns = "77";
  EXPECT_THAT(broken(other_place), ElementsAre("namespace"));
}

TEST(Rung, AHealthyVerdictOverALossStaysWrong) {
  auto healthy = silent("tracepoint");
  healthy.verdict = model::Verdict::kHealthy;
  EXPECT_THAT(broken(healthy), testing::IsSupersetOf({"verdict", "cause", "packets"}));
}

TEST(Rung, CountersAloneMayKnowTheSumOnly) {
  auto sum = bare("");
  sum.verdict = model::Verdict::kUnknown;
  sum.findings[0].cause = "snmp.Udp.InErrors";
  EXPECT_THAT(broken(sum), IsEmpty());
  sum.rung = "tracepoint";
  EXPECT_THAT(broken(sum), testing::Contains("cause"));
}

}  // namespace
}  // namespace lab
