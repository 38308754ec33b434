// Each expectation is broken once: a check that holds for everything would let a wrong diagnosis
// pass the lab.

#include "lab/expect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
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
                .not_offered = {{"sysctl", "rmem"}},
                .says = {"in bursts"}};
  return one;
}

std::vector<traffic::Counts> counts() {
  return {{.name = "sender", .sent = 100}, {.name = "reader", .received = 60}};
}

// A diagnosis that fulfils scenario().
model::Diagnosis diagnosis() {
  model::Finding finding{.id = "f1", .cause = "udp.receive-buffer-full", .packets = 40};
  finding.because = {{"config.buffer-limit", 1.0, model::Confidence::kHigh}};
  finding.at = {.netns = "42", .socket = "udp *:5001"};
  finding.hits = {{.netns = "42", .comm = "reader", .packets = 40}};
  finding.why = "Datagrams come in bursts.";
  finding.remedies = {{.id = "app.so-rcvbuf", .kind = "application", .command = "setsockopt"}};
  model::Diagnosis all;
  all.netns = {{.id = "42", .name = "wdlab-7-server"}};
  all.verdict = model::Verdict::kLoss;
  all.totals.lost = all.totals.explained = 40;
  all.findings = {finding};
  all.accounts = {{.account = "udp.receive-buffer-full",
                   .klass = model::Class::kLoss,
                   .packets = 40,
                   .explained = 40}};
  return all;
}

// The expectations that do not hold.
std::vector<std::string> broken(const Scenario& one, const model::Diagnosis& found) {
  std::vector<std::string> names;
  for (const auto& held : check(one, found, counts(), netns_name)) {
    if (!held.held) names.push_back(held.what);
  }
  return names;
}

TEST(Expect, HoldsForTheRightDiagnosis) {
  EXPECT_THAT(broken(scenario(), diagnosis()), IsEmpty());
}

TEST(Expect, EachWrongAnswerBreaksItsOwnExpectation) {
  const auto with = [](auto change) {
    auto wrong = diagnosis();
    change(wrong);
    return broken(scenario(), wrong);
  };
  EXPECT_THAT(with([](auto& d) { d.verdict = model::Verdict::kHealthy; }), ElementsAre("verdict"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].cause = "udp.checksum"; }), ElementsAre("cause"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].because[0].cause = "app.slow-reader"; }),
              ElementsAre("because"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].packets = 41; }), ElementsAre("packets"));
  EXPECT_THAT(with([](auto& d) { d.accounts[0].unexplained = 1; }), ElementsAre("unexplained"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].hits[0].comm = "sender"; }), ElementsAre("process"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].at.socket = "udp *:50011"; }), ElementsAre("port"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].at.netns = "43"; }), ElementsAre("namespace"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].because.push_back({"load.burst"}); }),
              ElementsAre("not accused"));
  EXPECT_THAT(with([](auto& d) { d.findings[0].why = "It was full."; }), ElementsAre("says"));
}

TEST(Expect, NothingFoundBreaksWhatAFindingMustSay) {
  auto none = diagnosis();
  none.findings.clear();
  EXPECT_THAT(broken(scenario(), none), ElementsAre("cause", "because", "packets", "process",
                                                    "port", "namespace", "remedy", "says"));
}

TEST(Expect, ASecondFindingIsAFalseAccusation) {
  auto two = diagnosis();
  two.findings.push_back({.cause = "ip.no-route"});
  EXPECT_THAT(broken(scenario(), two), ElementsAre("cause"));
  two.findings[1].severity = model::Severity::kNotice;
  EXPECT_THAT(broken(scenario(), two), IsEmpty());
}

TEST(Expect, AForbiddenRemedyIsSeenByItsCommandAndByItsTarget) {
  auto offered = diagnosis();
  offered.findings[0].remedies.push_back({.kind = "sysctl", .command = "sysctl -w rmem_max=1"});
  EXPECT_THAT(broken(scenario(), offered), ElementsAre("not offered"));
  offered.findings[0].remedies[1].command = "see below";
  EXPECT_THAT(broken(scenario(), offered), IsEmpty());
  offered.findings[0].remedies[1].set = {{.target = "net.core.rmem_max"}};
  EXPECT_THAT(broken(scenario(), offered), ElementsAre("not offered"));
}

TEST(Expect, AMissingRemedyIsSeen) {
  auto none = diagnosis();
  none.findings[0].remedies.clear();
  EXPECT_THAT(broken(scenario(), none), ElementsAre("remedy"));
}

TEST(Expect, TheToleranceIsOfWhatTheTrafficCounted) {
  auto near = diagnosis();
  near.findings[0].packets = 42;
  auto tolerant = scenario();
  tolerant.expect.tolerance_percent = 5;
  EXPECT_THAT(broken(tolerant, near), IsEmpty());
  near.findings[0].packets = 43;
  EXPECT_THAT(broken(tolerant, near), ElementsAre("packets"));
}

TEST(Expect, AFaultThatWasNotMadeProvesNothing) {
  auto unmade = diagnosis();
  unmade.findings[0].packets = 0;
  auto none = scenario();
  none.expect.packets = "0";
  EXPECT_THAT(broken(none, unmade), ElementsAre("packets"));
}

TEST(Expect, HealthyMeansNothingLostNothingUnknownAndTrafficWithoutErrors) {
  Scenario healthy{.name = "healthy.x"};
  healthy.expect.verdict = "healthy";
  model::Diagnosis quiet;
  EXPECT_THAT(broken(healthy, quiet), IsEmpty());
  EXPECT_THAT(broken(healthy, diagnosis()), ElementsAre("verdict", "findings", "packets"));
  quiet.accounts = {{.account = "unknown@x", .klass = model::Class::kUnknown, .packets = 1}};
  EXPECT_THAT(broken(healthy, quiet), ElementsAre("unexplained"));
  const auto silent = check(healthy, model::Diagnosis(), {}, netns_name);
  EXPECT_FALSE(all_held(silent));
}

TEST(Expect, ACureIsJudgedByBothCounts) {
  model::Diagnosis after;
  EXPECT_TRUE(all_held(check_cure("0", 0, after)));
  EXPECT_FALSE(all_held(check_cure("0", 1, after)));
  after.totals.lost = 1;
  EXPECT_FALSE(all_held(check_cure("0", 0, after)));
}

TEST(Counts, AreReadAsTheTrafficWritesThem) {
  const traffic::Counts one{
      .name = "sender", .unit = "bytes", .sent = 1, .received = 2, .errors = 3};
  EXPECT_THAT(parse_counts("noise\n" + traffic::counts_line(one) + "{\"name\":\"cut off\",\"se"),
              ElementsAre(one));
}

TEST(Counts, AreSummedByWhatTheyCount) {
  auto all = counts();
  all.push_back({.name = "bulk", .unit = "bytes", .sent = 9});
  EXPECT_EQ(evaluate("sent - received", all), 40U);
  EXPECT_EQ(evaluate("sender.sent + bulk.sent - 3", all), 106U);
  EXPECT_FALSE(evaluate("nobody.sent", all));
  EXPECT_FALSE(evaluate("received - sent", all));
  EXPECT_FALSE(evaluate("sent", {}));
}

TEST(Remedy, ItsValueComesInAVariable) {
  EXPECT_EQ(variable_of("SO_RCVBUF"), "WHYDROP_SET_SO_RCVBUF");
  EXPECT_EQ(variable_of("net.core.rmem_max"), "WHYDROP_SET_NET_CORE_RMEM_MAX");
}

TEST(Expect, AFindingBesideTheFirstIsWantedWithItsPacketsOrIsAFalseAccusation) {
  auto one = scenario();
  auto found = diagnosis();
  found.findings.push_back({.id = "f2", .cause = "udp.checksum", .packets = 60});
  EXPECT_THAT(broken(one, found), ElementsAre("cause"));
  one.expect.beside = {{"udp.checksum", "reader.received"}};
  EXPECT_THAT(broken(one, found), IsEmpty());
  one.expect.beside = {{"udp.checksum", "sender.sent"}};
  EXPECT_THAT(broken(one, found), ElementsAre("beside"));
  found.findings.pop_back();
  EXPECT_THAT(broken(one, found), ElementsAre("cause", "beside"));
}

TEST(Expect, HitsAndEchoesAreLookedForInTheRightNamespace) {
  auto one = scenario();
  one.expect.hit = "client";
  one.expect.echoes = {{"link.tx_dropped", "client"}};
  auto found = diagnosis();
  found.netns.push_back({.id = "43", .name = "wdlab-7-client"});
  found.accounts[0].id = "a1";
  found.findings[0].accounts = {{"a1", 40, true}};
  EXPECT_THAT(broken(one, found), ElementsAre("hits", "echo"));
  found.findings[0].hits.push_back({.netns = "43", .packets = 40});
  found.accounts[0].echoes = {
      {model::counter_id("link.tx_dropped", {{"dev", "to-server"}, {"netns", "43"}}), 40}};
  EXPECT_THAT(broken(one, found), IsEmpty());
}

TEST(Expect, WhereThePlaceIsTheWholeHostTheScenariosOwnShareCounts) {
  const auto one = scenario();
  auto found = diagnosis();
  found.findings[0].at.netns = "";
  found.findings[0].packets = 45;  // 5 of them were somebody else's
  found.findings[0].hits.push_back({.netns = "99", .packets = 5});
  EXPECT_THAT(broken(one, found), IsEmpty());
  found.findings[0].hits[0].packets = 39;
  EXPECT_THAT(broken(one, found), ElementsAre("packets"));
}

}  // namespace
}  // namespace lab
