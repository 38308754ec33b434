#include "lab/accuracy.h"

#include <gmock/gmock.h>

namespace lab {
namespace {

using testing::HasSubstr;
using testing::Not;

Outcome outcome() {
  Measurement measurement;
  measurement.lost = 1234;
  model::Finding finding{.cause = "udp.receive-buffer-full", .packets = 1233};
  measurement.diagnosis.findings = {finding};
  measurement.diagnosis.totals.lost = 1240;
  measurement.diagnosis.totals.unexplained = 7;
  measurement.checks = {{"packets", "1,234", "1,233", false}};
  Outcome outcome{.scenario = "udp.x",
                  .expected_cause = "udp.receive-buffer-full",
                  .status = Status::kFailed,
                  .seconds = 2.25};
  outcome.fault = measurement;
  return outcome;
}

TEST(Accuracy, ALineHoldsWhatWasLostWhatWasBookedAndWhatIsLeft) {
  const auto line = table_line(outcome(), {});
  EXPECT_THAT(line, HasSubstr("✗ udp.x"));
  EXPECT_THAT(line, HasSubstr("udp.receive-buffer-full"));
  EXPECT_THAT(line, HasSubstr("1,234     1,233           7"));
  EXPECT_THAT(line, HasSubstr("packets: expected 1,234, found 1,233"));
}

TEST(Accuracy, InAHealthyScenarioAllThatIsCalledLostIsBooked) {
  auto healthy = outcome();
  healthy.expected_cause = "";
  healthy.fault->lost = 0;
  EXPECT_THAT(table_line(healthy, {}), HasSubstr("1,240"));
  healthy.fault->diagnosis.findings[0].severity = model::Severity::kNotice;
  EXPECT_THAT(table_line(healthy, {}), HasSubstr("nothing"));
}

TEST(Accuracy, ThePageHasARowForEachAndTheSum) {
  Outcome skipped{.scenario = "netfilter.y", .status = Status::kSkipped, .reason = "no 'nft'"};
  const auto page = accuracy_page({outcome(), skipped}, {.version = "1",
                                                         .kernel = "6.18",
                                                         .host = "2 CPUs, kvm",
                                                         .date = "2026-11-23",
                                                         .command = "whydrop lab all"});
  EXPECT_THAT(page,
              HasSubstr("| ✗ | `udp.x` | udp.receive-buffer-full | 1,234 | 1,233 | 7 | 2.2 |"));
  EXPECT_THAT(page, HasSubstr("| - | `netfilter.y` | skipped: no 'nft' |"));
  EXPECT_THAT(page, HasSubstr("0 passed, 1 failed, 1 skipped"));
  EXPECT_THAT(page, HasSubstr("`whydrop lab all` on 2026-11-23: whydrop 1, Linux 6.18, 2 CPUs"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace lab
