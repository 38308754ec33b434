#include "diagnose/findings.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/driver_statistics.h"
#include "diagnose/traffic.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"

namespace diagnose {
namespace {

using model::Account;
using model::Class;
using model::Confidence;
using model::Evidence;
using model::Finding;
using model::Severity;

// The same on every host and in every release, without what changes from run to run (pid, time,
// namespace).
std::string fingerprint(const Account& account) {
  constexpr std::uint8_t kEndOfText = 0xff;  // in no UTF-8 text: "ab" + "c" differs from "a" + "bc"
  base::Fnv1a hash;
  for (const auto& text : {account.account, account.at.dev, account.at.socket}) {
    hash.add(text).add(kEndOfText);
  }
  return fmt::format("{:016x}", hash.value());
}

const model::Witness* first_trace(const Account& account) {
  const auto found =
      std::ranges::find(account.witnesses, model::WitnessKind::kTrace, &model::Witness::kind);
  return found == account.witnesses.end() ? nullptr : &*found;
}

std::string seen_as(const Account& account) {
  if (const auto* trace = first_trace(account)) {
    const auto reason = trace->reason.empty() ? "without a reason" : trace->reason;
    return fmt::format("{} at {}", reason, trace->location);
  }
  if (account.witnesses.empty()) return "";
  const auto& id = account.witnesses.front().id;
  // Of a device that is enough; where the account is, the report says beside it.
  if (account.at.dev.empty()) return id;
  return fmt::format("{} of {}", model::counter_name(id), account.at.dev);
}

struct Words {
  std::string meaning;
  std::string check;
};

// What the tables say about what was seen; of a function whose drops are mostly of another kind,
// what they say about the place.
Words words_of(const Evidence& evidence, const Account& account) {
  if (const auto* trace = first_trace(account)) {
    const auto symbol = trace->location.substr(0, trace->location.find('+'));
    if (const auto* row = knowledge::find_function(symbol, trace->reason)) {
      const auto* place = knowledge::find_place(account.account);
      const bool of_another = place != nullptr && row->place != place->id;
      return {std::string(of_another ? place->meaning : row->meaning), std::string(row->check)};
    }
    if (const auto* row = knowledge::find_reason(trace->reason)) {
      return {std::string(row->meaning), std::string(row->check)};
    }
    return {};
  }
  if (account.witnesses.empty()) return {};
  const auto* row = row_of(evidence, account.witnesses.front().id);
  return row == nullptr ? Words{} : Words{std::string(row->meaning), std::string(row->check)};
}

// What to say of an account about which the tables say nothing.
std::string unlisted(const Account& account) {
  const auto* trace = first_trace(account);
  if (trace == nullptr || trace->reason.empty()) {
    return "Neither the kernel nor whydrop's tables say what this means.";
  }
  return fmt::format(
      "The kernel calls the reason {}, which whydrop's tables do not hold: a newer kernel, or a "
      "module with reasons of its own.",
      trace->reason);
}

// An account of a place that has no cause of its own yet: the kernel said what it did; nobody asked
// why.
Explanation by_the_kernels_word(const Evidence& evidence, const Account& account) {
  const Words words = words_of(evidence, account);
  Explanation explanation;
  const bool lost = model::counts_as_lost(account.klass);
  explanation.severity =
      lost ? loss_severity(evidence, account) : refusal_severity(evidence, account);
  explanation.confidence =
      lost && account.klass == Class::kUnknown ? Confidence::kLow : Confidence::kMedium;
  explanation.title =
      fmt::format("{} dropped: {}", packets_text(account.packets), seen_as(account));
  explanation.why = words.meaning.empty() ? unlisted(account) : words.meaning;
  if (!words.check.empty()) {
    explanation.remedies.push_back({.id = "check",
                                    .kind = "print",
                                    .command = words.check,
                                    .sized_from = "nothing: this only shows more"});
  }
  return explanation;
}

std::vector<model::Proof> witness_proofs(const Account& account) {
  std::vector<model::Proof> proofs;
  for (const auto& witness : account.witnesses) {
    model::Proof proof;
    proof.value = static_cast<double>(witness.packets);
    if (witness.kind == model::WitnessKind::kTrace) {
      proof.id = witness.reason.empty() ? witness.location : witness.reason;
      proof.text =
          fmt::format("the kernel freed {} at {}{}", packets_text(witness.packets),
                      witness.location, witness.reason.empty() ? "" : " saying " + witness.reason);
    } else {
      proof.id = witness.id;
      proof.text = fmt::format("{} rose by {}", model::counter_name(witness.id),
                               base::grouped(witness.packets));
    }
    proofs.push_back(std::move(proof));
  }
  if (account.reconciliation.state == model::Agreement::kAgree) {
    proofs.push_back({.text = account.reconciliation.why, .id = account.id, .value = {}});
  }
  return proofs;
}

Finding framed(const Account& account, Explanation explanation) {
  Finding finding;
  finding.fingerprint = fingerprint(account);
  finding.cause = account.account;
  finding.klass = account.klass;
  finding.stage = account.stage;
  finding.because = std::move(explanation.because);
  finding.severity = explanation.severity;
  finding.confidence = explanation.confidence;
  finding.title = std::move(explanation.title);
  finding.packets = account.packets;
  finding.accounts = {{account.id, account.packets, true}};
  finding.at = account.at;
  finding.hits = account.hits;
  finding.why = std::move(explanation.why);
  finding.evidence = witness_proofs(account);
  std::ranges::move(explanation.evidence, std::back_inserter(finding.evidence));
  finding.ruled_out = std::move(explanation.ruled_out);
  finding.remedies = std::move(explanation.remedies);
  int order = 0;
  for (auto& remedy : finding.remedies) remedy.order = ++order;
  return finding;
}

// Totals are exact, but nothing says when they came about: no window of now backs what is
// concluded.
void temper(Explanation& explanation) {
  const auto at_most_medium = [](Confidence& confidence) {
    if (confidence == Confidence::kHigh) confidence = Confidence::kMedium;
  };
  at_most_medium(explanation.confidence);
  for (auto& root : explanation.because) at_most_medium(root.confidence);
}

}  // namespace

const Cause* cause_named(std::string_view id) {
  for (const Cause* cause : causes::all_causes()) {
    if (cause->id == id) return cause;
  }
  return nullptr;
}

std::vector<Finding> findings(const Evidence& evidence, std::vector<Booked>& booked) {
  const bool totals = model::is_since_boot(evidence.window);
  std::vector<Finding> found;
  for (auto& one : booked) {
    auto& account = one.account;
    if (account.klass == Class::kNoise) {
      // Noise is explained by being normal; it is never a finding.
      account.explained = account.packets;
      account.unexplained = 0;
      continue;
    }
    const Cause* cause = cause_named(account.account);
    const bool may_judge = cause != nullptr && (cause->judges_totals || !totals);
    auto explanation = may_judge ? cause->explain({evidence, one}) : std::nullopt;
    const bool known = explanation.has_value() || account.klass != Class::kUnknown;
    if (!explanation) explanation = by_the_kernels_word(evidence, account);
    if (totals) temper(*explanation);
    account.explained = known ? account.packets : 0;
    account.unexplained = account.packets - account.explained;
    found.push_back(framed(account, std::move(*explanation)));
  }
  const auto order = [](const Finding& finding) {
    return std::tuple(finding.severity, !model::counts_as_lost(finding.klass), ~finding.packets,
                      finding.cause, finding.at);
  };
  std::ranges::sort(found, {}, order);
  for (size_t at = 0; at < found.size(); ++at) found[at].id = fmt::format("f{}", at + 1);
  return found;
}

Severity loss_severity(const Evidence& evidence, const Account& account) {
  const auto& limits = evidence.thresholds;
  const auto passed = traffic_of(evidence, account.at.netns, account.direction);
  const auto offered = static_cast<double>(std::max(passed.value_or(0), account.packets));
  const double passing = limits.passing_loss_ratio * offered;
  if (model::is_since_boot(evidence.window) && static_cast<double>(account.packets) < passing) {
    return Severity::kNotice;
  }
  if (account.packets < limits.critical_loss_packets) return Severity::kWarning;
  const bool heavy = static_cast<double>(account.packets) >= limits.critical_loss_ratio * offered;
  return heavy ? Severity::kCritical : Severity::kWarning;
}

Severity refusal_severity(const Evidence& evidence, const Account& account) {
  const auto& limits = evidence.thresholds;
  const auto passed = traffic_of(evidence, account.at.netns, account.direction);
  const auto share = limits.notable_refusal_ratio * static_cast<double>(passed.value_or(0));
  const bool many = account.packets >= limits.notable_refusal_packets &&
                    static_cast<double>(account.packets) >= share;
  return many ? Severity::kWarning : Severity::kNotice;
}

bool stood_still(const Evidence& evidence, std::string_view counter, const model::Inode& netns) {
  const auto* series = evidence.timeline.counter(model::counter_id(counter, {{"netns", netns}}));
  return series != nullptr && model::increment(*series).amount == 0;
}

std::string packets_text(std::uint64_t packets) {
  return base::grouped(packets) + (packets == 1 ? " packet" : " packets");
}

std::string owner_text(const Account& account) {
  for (const auto& hit : account.hits) {
    if (hit.comm.empty() || !hit.pid) continue;
    return fmt::format("{} (pid {})", hit.comm, *hit.pid);
  }
  return "a process that could not be named";
}

}  // namespace diagnose
