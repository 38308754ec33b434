#include "lab/expect.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace lab {
namespace {

// Units that are packets: bytes, requests and connections are made of several.
constexpr std::array<std::string_view, 2> kPackets = {"datagrams", "SYNs"};
constexpr std::string_view kNothing = "none";

// The value behind "key": in one of our own lines (traffic::counts_line): a number or a string.
std::string_view json_value(std::string_view line, std::string_view key) {
  const auto at = line.find(fmt::format("\"{}\":", key));
  if (at == std::string_view::npos) return {};
  auto value = line.substr(at + key.size() + 3);
  value = value.substr(0, value.find_first_of(",}"));
  if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
  return value;
}

std::optional<std::uint64_t> field(const traffic::Counts& counts, std::string_view name) {
  if (name == "sent") return counts.sent;
  if (name == "received") return counts.received;
  if (name == "errors") return counts.errors;
  return {};
}

bool is_packets(std::string_view unit) {
  return std::ranges::find(kPackets, unit) != kPackets.end();
}

base::Result<std::uint64_t> term(std::string_view text,
                                 const std::vector<traffic::Counts>& counts) {
  if (const auto number = base::parse_number(text)) return *number;
  const auto dot = text.find('.');
  const bool one = dot != std::string_view::npos;
  const auto who = one ? text.substr(0, dot) : std::string_view();
  const auto what = one ? text.substr(dot + 1) : text;
  std::uint64_t sum = 0;
  bool heard = false;
  for (const auto& line : counts) {
    const bool wanted = one ? line.name == who : is_packets(line.unit);
    const auto value = field(line, what);
    if (!wanted || !value) continue;
    sum += *value;
    heard = true;
  }
  if (!heard) return base::failure(fmt::format("the traffic did not count '{}'", text));
  return sum;
}

const model::Finding* first_finding(const model::Diagnosis& diagnosis) {
  return diagnosis.findings.empty() ? nullptr : &diagnosis.findings.front();
}

std::string joined(const std::vector<std::string>& words) {
  return words.empty() ? std::string(kNothing) : fmt::format("{}", fmt::join(words, ", "));
}

// Findings that are more than a notice, by cause.
std::vector<std::string> notable(const model::Diagnosis& diagnosis) {
  std::vector<std::string> causes;
  for (const auto& finding : diagnosis.findings) {
    if (finding.severity != model::Severity::kNotice) causes.push_back(finding.cause);
  }
  return causes;
}

// Everything that is blamed: causes of findings and their roots.
std::vector<std::string> accused(const model::Diagnosis& diagnosis) {
  std::vector<std::string> all;
  for (const auto& finding : diagnosis.findings) {
    all.push_back(finding.cause);
    for (const auto& root : finding.because) all.push_back(root.cause);
  }
  return all;
}

std::string netns_text(const model::Diagnosis& diagnosis, const model::Inode& id) {
  for (const auto& netns : diagnosis.netns) {
    if (netns.id == id) return netns.name;
  }
  return id;
}

Check check_verdict(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  const std::string found(name(diagnosis.verdict));
  return {"verdict", scenario.expect.verdict, found, found == scenario.expect.verdict};
}

Check check_cause(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  const auto& wanted = scenario.expect.cause;
  if (wanted.empty()) {
    const auto found = notable(diagnosis);
    return {"findings", std::string(kNothing), joined(found), found.empty()};
  }
  // The first finding is the answer; a second one beside it would be a false accusation.
  std::vector<std::string> found = notable(diagnosis);
  const auto* first = first_finding(diagnosis);
  if (found.empty() && first != nullptr) found.push_back(first->cause);
  std::vector<std::string> expected{wanted};
  for (const auto& beside : scenario.expect.beside) expected.push_back(beside.cause);
  return {"cause", joined(expected), joined(found), found == expected};
}

// Each finding beside the first, with its packets.
std::vector<Check> check_beside(const Scenario& scenario, const model::Diagnosis& diagnosis,
                                const std::vector<traffic::Counts>& counts) {
  std::vector<Check> checks;
  for (const auto& beside : scenario.expect.beside) {
    const auto wanted = evaluate(beside.packets, counts);
    const auto found = std::ranges::find(diagnosis.findings, beside.cause, &model::Finding::cause);
    const auto packets = found == diagnosis.findings.end() ? 0 : found->packets;
    const auto expected =
        fmt::format("{}: {} = {}", beside.cause, beside.packets, base::grouped(wanted.value_or(0)));
    checks.push_back({"beside", expected, wanted ? base::grouped(packets) : wanted.error().what,
                      wanted && *wanted > 0 && packets == *wanted});
  }
  return checks;
}

// Who is hit, and which counters heard of the same packets.
std::vector<Check> check_reach(const Scenario& scenario, const model::Diagnosis& diagnosis,
                               const NetnsName& netns_name) {
  std::vector<Check> checks;
  const auto* first = first_finding(diagnosis);
  if (const auto& wanted = scenario.expect.hit; !wanted.empty()) {
    std::vector<std::string> hits;
    if (first != nullptr) {
      for (const auto& hit : first->hits) hits.push_back(netns_text(diagnosis, hit.netns));
    }
    const auto name = netns_name(wanted);
    checks.push_back({"hits", name, joined(hits), std::ranges::find(hits, name) != hits.end()});
  }
  std::vector<std::string> heard;
  for (const auto& account : diagnosis.accounts) {
    const bool its = first != nullptr && !first->accounts.empty() &&
                     account.id == first->accounts.front().account;
    for (const auto& echo : account.echoes) {
      const auto netns = netns_text(diagnosis, model::counter_label(echo.id, "netns"));
      if (its) heard.push_back(fmt::format("{} {}", model::counter_name(echo.id), netns));
    }
  }
  for (const auto& echo : scenario.expect.echoes) {
    const auto wanted = fmt::format("{} {}", echo.counter, netns_name(echo.netns));
    checks.push_back(
        {"echo", wanted, joined(heard), std::ranges::find(heard, wanted) != heard.end()});
  }
  return checks;
}

Check check_because(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  const auto* first = first_finding(diagnosis);
  const bool known = first != nullptr && !first->because.empty();
  const auto found = known ? first->because.front().cause : std::string(kNothing);
  return {"because", scenario.expect.because, found, found == scenario.expect.because};
}

// The namespace whose packets a finding is held against: its place, or, where that is the whole
// host (others may be hit there at the same time), the expected one among those it hits.
struct Reached {
  std::string netns;
  std::uint64_t packets = 0;
};

Reached reached(const Scenario& scenario, const model::Diagnosis& diagnosis,
                const NetnsName& netns_name) {
  const auto* first = first_finding(diagnosis);
  if (first == nullptr) return {"none", 0};
  const auto& wanted = scenario.expect.object.netns;
  for (const auto& hit : first->hits) {
    if (!first->at.netns.empty() || wanted.empty()) break;
    const auto name = netns_text(diagnosis, hit.netns);
    if (name == netns_name(wanted)) return {name, hit.packets};
  }
  return {netns_text(diagnosis, first->at.netns), first->packets};
}

Check check_packets(const Scenario& scenario, const model::Diagnosis& diagnosis,
                    const std::vector<traffic::Counts>& counts, const NetnsName& netns_name) {
  const auto& expect = scenario.expect;
  const bool fault = !expect.cause.empty();
  const std::uint64_t found =
      fault ? reached(scenario, diagnosis, netns_name).packets : diagnosis.totals.lost;
  const auto wanted = evaluate(expect.packets, counts);
  if (!wanted) return {"packets", expect.packets, wanted.error().what, false};
  const double difference = std::abs(static_cast<double>(found) - static_cast<double>(*wanted));
  const double allowed = static_cast<double>(*wanted) * expect.tolerance_percent / 100;
  auto expected = fmt::format("{} = {}", expect.packets, base::grouped(*wanted));
  if (expect.tolerance_percent > 0) {
    expected += fmt::format(" ± {:.0f} %", expect.tolerance_percent);
  }
  // A fault that was not made proves nothing.
  const bool made = !fault || *wanted > 0;
  return {"packets", expected, base::grouped(found), made && difference <= allowed};
}

// No drop without a name: every remainder is an account of class unknown.
Check check_unexplained(const model::Diagnosis& diagnosis) {
  std::vector<std::string> found;
  for (const auto& account : diagnosis.accounts) {
    const bool unknown = account.klass == model::Class::kUnknown && account.packets > 0;
    if (!unknown && account.unexplained == 0) continue;
    found.push_back(fmt::format("{} {}", account.account, account.packets));
  }
  if (found.empty() && diagnosis.totals.unexplained > 0) {
    found.push_back(fmt::format("{} packets", diagnosis.totals.unexplained));
  }
  return {"unexplained", std::string(kNothing), joined(found), found.empty()};
}

// A healthy verdict says nothing where no traffic ran, or where it failed.
Check check_traffic(const std::vector<traffic::Counts>& counts) {
  std::uint64_t sent = 0;
  std::uint64_t errors = 0;
  for (const auto& line : counts) {
    sent += line.sent;
    errors += line.errors;
  }
  return {"traffic", "some, without errors", fmt::format("{} sent, {} errors", sent, errors),
          sent > 0 && errors == 0};
}

std::vector<Check> check_object(const Scenario& scenario, const model::Diagnosis& diagnosis,
                                const NetnsName& netns_name) {
  const auto& object = scenario.expect.object;
  const auto* first = first_finding(diagnosis);
  std::vector<Check> checks;
  const auto add = [&](std::string what, const std::string& expected, const std::string& found) {
    checks.push_back({std::move(what), expected, found, expected == found});
  };
  if (!object.comm.empty()) {
    const bool known = first != nullptr && !first->hits.empty();
    add("process", object.comm, known ? first->hits.front().comm : std::string(kNothing));
  }
  if (!object.port.empty()) {
    const auto socket = first == nullptr ? std::string() : first->at.socket;
    const auto colon = socket.rfind(':');
    add("port", object.port, colon == std::string::npos ? "none" : socket.substr(colon + 1));
  }
  if (!object.netns.empty()) {
    add("namespace", netns_name(object.netns), reached(scenario, diagnosis, netns_name).netns);
  }
  return checks;
}

std::vector<Check> check_not_accused(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  std::vector<Check> checks;
  const auto all = accused(diagnosis);
  for (const auto& cause : scenario.expect.not_accused) {
    const bool blamed = std::ranges::find(all, cause) != all.end();
    checks.push_back({"not accused", cause, blamed ? "accused" : "not accused", !blamed});
  }
  return checks;
}

bool mentions(const model::Remedy& remedy, std::string_view text) {
  const auto changes = [&](const model::Change& change) {
    return change.target.find(text) != std::string::npos;
  };
  return remedy.command.find(text) != std::string::npos || std::ranges::any_of(remedy.set, changes);
}

std::vector<Check> check_remedies(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  std::vector<Check> checks;
  if (!scenario.cure.empty()) {
    const auto* first = first_finding(diagnosis);
    const bool any = first != nullptr && !first->remedies.empty();
    checks.push_back({"remedy", scenario.cure,
                      any ? first->remedies.front().id : std::string(kNothing),
                      find_remedy(diagnosis, scenario.cure) != nullptr});
  }
  for (const auto& forbidden : scenario.expect.not_offered) {
    const model::Remedy* offered = nullptr;
    for (const auto& finding : diagnosis.findings) {
      for (const auto& remedy : finding.remedies) {
        if (remedy.kind == forbidden.kind && mentions(remedy, forbidden.text)) offered = &remedy;
      }
    }
    checks.push_back({"not offered", fmt::format("{} {}", forbidden.kind, forbidden.text),
                      offered == nullptr ? "not offered" : "offered: " + offered->id,
                      offered == nullptr});
  }
  return checks;
}

std::vector<Check> check_words(const Scenario& scenario, const model::Diagnosis& diagnosis) {
  std::vector<Check> checks;
  const auto* first = first_finding(diagnosis);
  std::string said = first == nullptr ? "" : first->title + "\n" + first->why;
  if (first != nullptr) {
    for (const auto& rival : first->ruled_out) said += "\n" + rival.text;
  }
  for (const auto& words : scenario.expect.says) {
    const bool held = said.find(words) != std::string::npos;
    checks.push_back({"says", words, held ? "said" : "not said", held});
  }
  return checks;
}

}  // namespace

std::vector<traffic::Counts> parse_counts(std::string_view lines) {
  std::vector<traffic::Counts> all;
  for (const auto line : base::lines(lines)) {
    const auto sent = base::parse_number(json_value(line, "sent"));
    const auto received = base::parse_number(json_value(line, "received"));
    const auto errors = base::parse_number(json_value(line, "errors"));
    if (!sent || !received || !errors) continue;
    all.push_back({.name = std::string(json_value(line, "name")),
                   .unit = std::string(json_value(line, "unit")),
                   .sent = *sent,
                   .received = *received,
                   .errors = *errors});
  }
  return all;
}

base::Result<std::uint64_t> evaluate(std::string_view sum,
                                     const std::vector<traffic::Counts>& counts) {
  std::int64_t total = 0;
  std::int64_t sign = 1;
  for (const auto word : base::words(sum)) {
    if (word == "+" || word == "-") {
      sign = word == "+" ? 1 : -1;
      continue;
    }
    total += sign * static_cast<std::int64_t>(TRY(term(word, counts)));
  }
  if (total < 0) return base::failure(fmt::format("'{}' is {}: below 0", sum, total));
  return static_cast<std::uint64_t>(total);
}

std::vector<Check> check(const Scenario& scenario, const model::Diagnosis& diagnosis,
                         const std::vector<traffic::Counts>& counts, const NetnsName& netns_name) {
  std::vector<Check> all;
  const auto add = [&](std::vector<Check> more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add({check_verdict(scenario, diagnosis), check_cause(scenario, diagnosis)});
  if (!scenario.expect.because.empty()) add({check_because(scenario, diagnosis)});
  add({check_packets(scenario, diagnosis, counts, netns_name), check_unexplained(diagnosis)});
  if (scenario.expect.cause.empty()) add({check_traffic(counts)});
  add(check_beside(scenario, diagnosis, counts));
  add(check_object(scenario, diagnosis, netns_name));
  add(check_reach(scenario, diagnosis, netns_name));
  add(check_not_accused(scenario, diagnosis));
  add(check_remedies(scenario, diagnosis));
  add(check_words(scenario, diagnosis));
  return all;
}

std::vector<Check> check_cure(std::string_view allowed, std::uint64_t lost,
                              const model::Diagnosis& diagnosis) {
  const auto limit = base::parse_number(allowed).value_or(0);
  const auto expected = fmt::format("{} lost", base::grouped(limit));
  const auto found = [](std::uint64_t packets) {
    return fmt::format("{} lost", base::grouped(packets));
  };
  const auto seen = diagnosis.totals.lost;
  return {{"after the cure", expected, found(lost), lost <= limit},
          {"diagnosed after the cure", expected, found(seen), seen <= limit}};
}

bool all_held(const std::vector<Check>& checks) {
  return std::ranges::all_of(checks, [](const Check& check) { return check.held || check.unseen; });
}

const model::Remedy* find_remedy(const model::Diagnosis& diagnosis, std::string_view id) {
  const auto* first = first_finding(diagnosis);
  if (first == nullptr) return nullptr;
  const auto found = std::ranges::find(first->remedies, id, &model::Remedy::id);
  return found == first->remedies.end() ? nullptr : &*found;
}

std::string variable_of(std::string_view target) {
  std::string variable = "WHYDROP_SET_";
  for (const char letter : target) {
    const auto byte = static_cast<unsigned char>(letter);
    variable += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return variable;
}

}  // namespace lab
