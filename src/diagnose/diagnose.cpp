#include "diagnose/diagnose.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/driver_statistics.h"
#include "diagnose/findings.h"
#include "diagnose/ledger.h"
#include "diagnose/samples.h"
#include "diagnose/symptoms.h"
#include "diagnose/traffic.h"

namespace diagnose {
namespace {

using model::Class;
using model::Diagnosis;
using model::Evidence;
using model::StageState;
using model::Verdict;

model::Totals totals_of(const Evidence& evidence, const std::vector<model::Account>& accounts) {
  model::Totals totals;
  totals.received = traffic_of(evidence, "", model::Direction::kReceive);
  totals.sent = traffic_of(evidence, "", model::Direction::kSend);
  for (const auto& account : accounts) {
    switch (account.klass) {
      case Class::kLoss:
      case Class::kUnknown:
        totals.lost += account.packets;
        totals.explained += account.explained;
        totals.unexplained += account.unexplained;
        break;
      case Class::kPolicy:
        totals.policy += account.packets;
        break;
      case Class::kRefused:
        totals.refused += account.packets;
        break;
      case Class::kNoise:
        totals.noise += account.packets;
        break;
    }
  }
  return totals;
}

bool found_something(const Diagnosis& diagnosis) {
  return std::ranges::any_of(diagnosis.findings, [](const model::Finding& finding) {
    return finding.severity != model::Severity::kNotice;
  });
}

bool is_partly_blind(const Diagnosis& diagnosis) {
  return std::ranges::any_of(diagnosis.stages, [](const model::StageReport& stage) {
    return stage.state == StageState::kBlind;
  });
}

// Whether packets were lost in namespaces that were not asked about, and it cannot be told whose.
bool cannot_tell_hits(const Evidence& evidence) {
  if (!model::traced_without_places(evidence)) return false;
  return std::ranges::any_of(counter_entries(evidence), [&](const Entry& entry) {
    const auto* netns = model::find_netns(evidence, entry.at.netns);
    return model::counts_as_lost(entry.klass) && netns != nullptr && !netns->selected;
  });
}

Verdict verdict_of(const Evidence& evidence, const Diagnosis& diagnosis) {
  if (!found_something(diagnosis)) {
    const bool sees_all = !is_partly_blind(diagnosis) && !cannot_tell_hits(evidence);
    return sees_all ? Verdict::kHealthy : Verdict::kInconclusive;
  }
  switch (diagnosis.findings.front().klass) {
    case Class::kLoss:
      return Verdict::kLoss;
    case Class::kPolicy:
    case Class::kRefused:
      return Verdict::kPolicy;
    case Class::kUnknown:
      return Verdict::kUnknown;
    case Class::kNoise:
      break;
  }
  return Verdict::kHealthy;
}

// "90 s", "17 minutes", "12 days": rounded down, for spans of which nobody needs the seconds.
std::string long_span(double seconds) {
  struct Unit {
    double seconds;
    std::string_view name;
  };
  constexpr std::array kUnits = {Unit{86400, "days"}, Unit{3600, "hours"}, Unit{60, "minutes"}};
  for (const auto& unit : kUnits) {
    if (seconds >= 2 * unit.seconds) {
      return fmt::format("{} {}", base::grouped(static_cast<std::uint64_t>(seconds / unit.seconds)),
                         unit.name);
    }
  }
  return fmt::format("{:.0f} s", seconds);
}

// "in 10.0 s"; "in the 3 hours since baseline 'monday'"; of totals "since the host was started, 12
// days before the report".
std::string span_text(const Evidence& evidence) {
  const double seconds = static_cast<double>(evidence.window.duration_ns) / 1e9;
  if (evidence.window.origin == "baseline") {
    return fmt::format("in the {} since baseline '{}'", long_span(seconds),
                       evidence.window.reference);
  }
  if (!model::is_since_boot(evidence.window)) return fmt::format("in {:.1f} s", seconds);
  const auto ago = evidence.window.duration_ns > 0
                       ? fmt::format(", {} before the report", long_span(seconds))
                       : std::string();
  return "since the host was started" + ago;
}

// Notices are worth a word in the headline of a healthy host, or their numbers would be news below.
std::string aside(const model::Totals& totals) {
  std::vector<std::string> parts;
  if (totals.policy > 0) parts.push_back(base::grouped(totals.policy) + " by policy");
  if (totals.refused > 0) parts.push_back(base::grouped(totals.refused) + " refused");
  if (totals.noise > 0) parts.push_back(base::grouped(totals.noise) + " of normal noise");
  if (parts.empty()) return "";
  return fmt::format("; dropped {}", fmt::join(parts, ", "));
}

// What is normal for the place of the first finding, where that was asked.
std::string beside_normal(const Diagnosis& diagnosis) {
  const auto& normal = diagnosis.findings.front().normal;
  if (!normal) return "";
  switch (normal->departure) {
    case model::Departure::kNew:
      return ", where normally none is";
    case model::Departure::kMore:
      return fmt::format(", {:.3g} times what is normal", *normal->ratio);
    case model::Departure::kLess:
      return ", less than is normal for this host";
    case model::Departure::kNormal:
      return ", as is normal for this host";
    case model::Departure::kUnknown:
      break;
  }
  return "";
}

std::string headline_of(const Evidence& evidence, const Diagnosis& diagnosis) {
  const auto received = diagnosis.totals.received;
  const auto traffic = received ? fmt::format("{} received", packets_text(*received))
                                : std::string("traffic not measured");
  switch (diagnosis.verdict) {
    case Verdict::kHealthy:
      // A notice can be about a loss: what a traceroute ends at a router is one.
      return fmt::format(
          "{} lost on this host {} ({}{})",
          diagnosis.totals.lost == 0 ? "no packet" : packets_text(diagnosis.totals.lost),
          span_text(evidence), traffic, aside(diagnosis.totals));
    case Verdict::kInconclusive:
      return fmt::format("nothing found {}, but parts of the path could not be seen ({}{})",
                         span_text(evidence), traffic, aside(diagnosis.totals));
    default:
      return fmt::format("{} {}{}", diagnosis.findings.front().title, span_text(evidence),
                         beside_normal(diagnosis));
  }
}

void copy_frame(const Evidence& evidence, Diagnosis& diagnosis) {
  diagnosis.version = evidence.version;
  diagnosis.host = evidence.host;
  diagnosis.netns = evidence.netns;
  diagnosis.devices = evidence.devices;
  diagnosis.window = evidence.window;
  diagnosis.points = static_cast<std::uint32_t>(evidence.timeline.at_ns.size());
  diagnosis.blind_spots = evidence.blind_spots;
  diagnosis.grant = evidence.grant;
  diagnosis.cost = evidence.cost;
  diagnosis.rung = evidence.drops.rung;
  diagnosis.trace = {evidence.drops.events_sampled, evidence.drops.events_left_out,
                     evidence.drops.outside_table, evidence.drops.recursion_misses,
                     evidence.drops.map_bytes};
}

// Namespaces that were asked for or that an account names, and their devices.
void keep_what_matters(Diagnosis& diagnosis) {
  std::set<model::Inode> named;
  for (const auto& account : diagnosis.accounts) {
    named.insert(account.at.netns);
    for (const auto& hit : account.hits) named.insert(hit.netns);
  }
  std::erase_if(diagnosis.netns, [&](const model::Netns& netns) {
    return !netns.selected && !named.contains(netns.id);
  });
  std::erase_if(diagnosis.devices, [&](const model::Device& device) {
    return std::ranges::find(diagnosis.netns, device.netns, &model::Netns::id) ==
           diagnosis.netns.end();
  });
}

// What the user's selection cannot decide is said, not guessed.
void add_selection_blind_spots(const Evidence& evidence, const std::vector<Booked>& booked,
                               Diagnosis& diagnosis) {
  for (const auto& id : undecided(evidence)) {
    diagnosis.blind_spots.push_back(
        {.what = fmt::format("which device the {} of {} came through",
                             packets_text(evidence.timeline.rise(id)), id),
         .why = "this counter does not tell devices apart",
         .enable = "diagnose without --interface",
         .stages = {}});
  }
  if (model::all_netns_selected(evidence)) return;
  std::set<std::uint32_t> housed;
  for (const auto& one : booked) housed.insert(one.tallies.begin(), one.tallies.end());
  std::uint64_t homeless = 0;
  for (std::uint32_t at = 0; at < evidence.drops.tallies.size(); ++at) {
    const auto& tally = evidence.drops.tallies[at];
    if (tally.netns.empty() && !housed.contains(at)) homeless += tally.packets;
  }
  if (homeless == 0) return;
  diagnosis.blind_spots.push_back(
      {.what = fmt::format("whose the {} were that were dropped outside all known namespaces",
                           packets_text(homeless)),
       .why = "their namespaces came and went inside the window, or they carried none",
       .enable = "diagnose without --netns",
       .stages = {}});
}

void add_questions(const Evidence& evidence, const Booked& one, model::Question::Kind kind,
                   std::set<model::Question>& worth_asking) {
  if (kind == model::Question::Kind::kRoutes) {
    for (auto& question : route_questions(evidence, one)) worth_asking.insert(std::move(question));
  }
  if (!one.account.at.netns.empty()) {
    worth_asking.insert({.kind = kind, .netns = one.account.at.netns});
    return;
  }
  // The place is the whole host: asked where its packets were.
  for (const auto& hit : one.account.hits) worth_asking.insert({.kind = kind, .netns = hit.netns});
}

}  // namespace

std::set<model::Question> questions(const Evidence& evidence) {
  auto worth_asking = symptom_questions(evidence);
  for (const auto& one : book(evidence)) {
    const Cause* cause = cause_named(one.account.account);
    if (cause == nullptr) continue;
    for (const auto kind : cause->needs) add_questions(evidence, one, kind, worth_asking);
  }
  return worth_asking;
}

Diagnosis diagnose(const Evidence& evidence) {
  Diagnosis diagnosis;
  copy_frame(evidence, diagnosis);
  auto booked = book(evidence);
  add_selection_blind_spots(evidence, booked, diagnosis);
  std::ranges::move(unsettled_statistics(evidence), std::back_inserter(diagnosis.blind_spots));
  diagnosis.findings = findings(evidence, booked);
  for (auto& one : booked) diagnosis.accounts.push_back(std::move(one.account));
  keep_what_matters(diagnosis);
  diagnosis.totals = totals_of(evidence, diagnosis.accounts);
  diagnosis.tcp = tcp_totals(evidence);
  diagnosis.symptoms = symptoms(evidence, diagnosis);
  diagnosis.stages = stage_reports(evidence, diagnosis.accounts);
  conclude(evidence, diagnosis);
  return diagnosis;
}

void conclude(const Evidence& evidence, Diagnosis& diagnosis) {
  diagnosis.verdict = verdict_of(evidence, diagnosis);
  diagnosis.headline = headline_of(evidence, diagnosis);
}

}  // namespace diagnose
