#include "lab/rung.h"

#include <algorithm>

#include "base/text.h"
#include "knowledge/knowledge.h"

namespace lab {
namespace {

using model::Verdict;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool said_nothing(const Check& check) {
  return check.found.empty() || check.found == "none";
}

// Counters alone: a sum tells that packets were lost, not where.
bool is_sum(const std::string& cause) {
  const auto* row = knowledge::find_counter(cause);
  return row != nullptr && row->role == knowledge::Role::kIncludes;
}

bool only_sums(const model::Diagnosis& diagnosis) {
  return diagnosis.rung.empty() && !diagnosis.findings.empty() &&
         std::ranges::all_of(diagnosis.findings,
                             [](const auto& finding) { return is_sum(finding.cause); });
}

// The probe says itself that it missed a drop, on a rung that the kernel leaves out where one drop
// is booked inside another (bpf_prog_active).
bool is_missed(const model::Finding& finding) {
  return finding.cause == "unknown@untraced";
}

// What was missed and what was found is what was lost: "sent - received = 561".
bool adds_up_with_missed(const model::Diagnosis& diagnosis, const Check& check) {
  if (diagnosis.findings.size() < 2) return false;
  const auto sum = diagnosis.findings[0].packets + diagnosis.findings[1].packets;
  return check.expected.ends_with("= " + base::grouped(sum));
}

// The findings are some of those expected, in their order.
bool is_part(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  std::vector<std::string> expected{scenario.expect.cause};
  for (const auto& beside : scenario.expect.beside) expected.push_back(beside.cause);
  auto next = expected.begin();
  for (const auto& finding : diagnosis.findings) {
    if (finding.severity == model::Severity::kNotice || is_missed(finding)) continue;
    next = std::find(next, expected.end(), finding.cause);
    if (next == expected.end()) return false;
    ++next;
  }
  return next != expected.begin();
}

bool names_the_cause(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  return !diagnosis.findings.empty() && diagnosis.findings.front().cause == scenario.expect.cause;
}

bool is_unseen(const Scenario& scenario, const model::Diagnosis& diagnosis, const Check& check) {
  const bool open = diagnosis.verdict == Verdict::kInconclusive || only_sums(diagnosis);
  const bool notice = diagnosis.verdict == Verdict::kHealthy && !scenario.expect.cause.empty() &&
                      names_the_cause(scenario, diagnosis);
  if (check.what == "verdict") return open || notice || is_part(scenario, diagnosis);
  if (check.what == "cause") return open || is_part(scenario, diagnosis);
  const bool missed = !diagnosis.findings.empty() && is_missed(diagnosis.findings.front());
  if (missed && check.what == "unexplained") return is_part(scenario, diagnosis);
  if (missed && check.what == "packets") return adds_up_with_missed(diagnosis, check);
  // A notice may hold what is normal, too.
  if (check.what == "packets" && notice) return true;
  if (is_one_of(check.what, {"packets", "findings", "unexplained"})) return open;
  if (is_one_of(check.what, {"hits", "echo", "says", "remedy"})) return true;
  if (check.what == "beside") return check.found == "0";
  if (check.what == "namespace" && open) return true;
  return is_one_of(check.what, {"because", "process", "port", "namespace"}) && said_nothing(check);
}

}  // namespace

void mark_unseen(const Scenario& scenario, const model::Diagnosis& diagnosis,
                 std::vector<Check>& checks) {
  if (diagnosis.rung == "tp_btf") return;
  for (auto& check : checks) {
    check.unseen = !check.held && is_unseen(scenario, diagnosis, check);
  }
}

}  // namespace lab
