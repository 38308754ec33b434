// The contract's invariants, over evidence drawn at random from all that the tables know.

#include <algorithm>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"
#include "knowledge/knowledge.h"

namespace diagnose {
namespace {

using model::Class;
using model::Diagnosis;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::uint64_t roll(std::uint64_t below) { return engine_() % below; }
  template <class Rows>
  const auto& pick(const Rows& rows) {
    return rows[roll(rows.size())];
  }

 private:
  std::mt19937_64 engine_;
};

model::Evidence drawn(unsigned seed) {
  Dice dice(seed);
  EvidenceBuilder host;
  host.evidence().netns.push_back({.id = "2", .selected = dice.roll(4) > 0});
  const auto netns = [&] { return std::string(dice.roll(2) == 0 ? "1" : "2"); };
  for (auto count = dice.roll(6); count > 0; --count) {
    const auto& function = dice.pick(knowledge::functions());
    const auto& reason = dice.pick(knowledge::reasons());
    const auto port = static_cast<std::uint16_t>(dice.roll(3));
    host.tally(std::string(function.symbol), std::string(reason.name), dice.roll(5000), port,
               dice.roll(9) == 0 ? "" : netns());
  }
  for (auto count = dice.roll(12); count > 0; --count) {
    host.counter(std::string(dice.pick(knowledge::counters()).name), dice.roll(5000), netns());
  }
  if (dice.roll(2) == 0) {
    host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", dice.roll(900), 53, netns());
    host.counter("snmp.Udp.RcvbufErrors", dice.roll(900), netns());
    host.udp_socket(53, dice.roll(900), 8192, netns());
  }
  host.evidence().drops.outside_table = dice.roll(3) == 0 ? dice.roll(100) : 0;
  if (dice.roll(5) == 0) host.evidence().drops.rung = "";
  return host.evidence();
}

std::uint64_t sum_of(const Diagnosis& diagnosis, std::initializer_list<Class> classes) {
  std::uint64_t packets = 0;
  for (const auto& account : diagnosis.accounts) {
    if (std::ranges::find(classes, account.klass) != classes.end()) packets += account.packets;
  }
  return packets;
}

class Invariants : public testing::TestWithParam<unsigned> {
 protected:
  const model::Evidence evidence = drawn(GetParam());
  const Diagnosis diagnosis = diagnose(evidence);
};

TEST_P(Invariants, LostIsTheSumOfTheAccountsOfLossAndUnknown) {
  const auto& totals = diagnosis.totals;
  EXPECT_EQ(totals.lost, sum_of(diagnosis, {Class::kLoss, Class::kUnknown}));
  EXPECT_EQ(totals.lost, totals.explained + totals.unexplained);
  EXPECT_EQ(totals.policy, sum_of(diagnosis, {Class::kPolicy}));
  EXPECT_EQ(totals.refused, sum_of(diagnosis, {Class::kRefused}));
  EXPECT_EQ(totals.noise, sum_of(diagnosis, {Class::kNoise}));
}

TEST_P(Invariants, UnexplainedIsTheSumOverAccountsAndEveryAccountAddsUp) {
  std::uint64_t unexplained = 0;
  for (const auto& account : diagnosis.accounts) {
    EXPECT_EQ(account.packets, account.explained + account.unexplained) << account.account;
    EXPECT_FALSE(account.account.empty());
    if (model::counts_as_lost(account.klass)) unexplained += account.unexplained;
  }
  EXPECT_EQ(diagnosis.totals.unexplained, unexplained);
}

TEST_P(Invariants, EveryRemainderIsAnAccountOfClassUnknown) {
  for (const auto& account : diagnosis.accounts) {
    if (account.unexplained > 0) {
      EXPECT_EQ(account.klass, Class::kUnknown) << account.account;
    }
  }
}

TEST_P(Invariants, EchoesOfOneCounterNeverExceedItsRise) {
  std::map<std::string, std::uint64_t> heard;
  for (const auto& account : diagnosis.accounts) {
    for (const auto& echo : account.echoes) {
      heard[echo.id] += echo.packets;
      EXPECT_LE(echo.packets, account.packets);
    }
  }
  for (const auto& [id, packets] : heard) EXPECT_LE(packets, evidence.timeline.rise(id)) << id;
}

TEST_P(Invariants, OneFindingPerPlaceAndTheAnswerFirst) {
  std::set<std::pair<std::string, model::Place>> places;
  for (const auto& finding : diagnosis.findings) {
    EXPECT_TRUE(places.emplace(finding.cause, finding.at).second) << finding.cause;
  }
  EXPECT_TRUE(std::ranges::is_sorted(diagnosis.findings, {}, &model::Finding::severity));
}

TEST_P(Invariants, TheSameEvidenceGivesTheSameDiagnosis) {
  const auto again = diagnose(evidence);
  EXPECT_EQ(again.accounts, diagnosis.accounts);
  EXPECT_EQ(again.findings, diagnosis.findings);
  EXPECT_EQ(again.headline, diagnosis.headline);
}

INSTANTIATE_TEST_SUITE_P(Drawn, Invariants, testing::Range(0U, 200U));

}  // namespace
}  // namespace diagnose
