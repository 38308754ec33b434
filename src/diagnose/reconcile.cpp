#include "diagnose/reconcile.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"

namespace diagnose {
namespace {

using model::Agreement;
using model::WitnessKind;

void add_series(std::vector<std::uint64_t>& sum, const std::vector<std::uint64_t>& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (size_t at = 0; at < more.size(); ++at) sum[at] += more[at];
}

std::uint64_t total(std::span<const Entry> entries, WitnessKind kind) {
  std::uint64_t packets = 0;
  for (const auto& entry : entries) {
    if (entry.witness.kind == kind) packets += entry.witness.packets;
  }
  return packets;
}

bool has(std::span<const Entry> entries, WitnessKind kind) {
  return std::ranges::any_of(entries,
                             [&](const Entry& entry) { return entry.witness.kind == kind; });
}

// The namespace that all share which know theirs, if they do.
model::Inode common_netns(std::span<const Entry> entries) {
  std::set<model::Inode> ids;
  for (const auto& entry : entries) {
    if (!entry.at.netns.empty()) ids.insert(entry.at.netns);
  }
  return ids.size() == 1 ? *ids.begin() : "";
}

// The device that all traces share, if they do.
std::string common_device(std::span<const Entry> entries) {
  std::set<std::string> names;
  for (const auto& entry : entries) {
    if (!entry.at.dev.empty()) names.insert(entry.at.dev);
  }
  return names.size() == 1 ? *names.begin() : "";
}

void add_hits(Booked& booked, std::span<const Entry> entries) {
  for (const auto& entry : entries) {
    if (entry.witness.kind != WitnessKind::kTrace || entry.at.netns.empty()) continue;
    auto& hits = booked.account.hits;
    auto found = std::ranges::find(hits, entry.at.netns, &model::Hit::netns);
    if (found == hits.end()) found = hits.insert(hits.end(), {.netns = entry.at.netns});
    found->packets += entry.witness.packets;
  }
}

// Whether the place has counters, of which none could be read in the account's namespace.
bool is_unread(const model::Evidence& evidence, const model::Account& account) {
  bool has_counter = false;
  for (const auto& row : knowledge::counters()) {
    if (row.place != account.account || row.role != knowledge::Role::kExact) continue;
    const bool of_netns = row.name.starts_with("snmp") || row.name.starts_with("netstat.");
    if (!of_netns || account.at.netns.empty()) return false;
    has_counter = true;
    const auto id = model::counter_id(row.name, {{"netns", account.at.netns}});
    if (evidence.timeline.counter(id) != nullptr) return false;
  }
  return has_counter;
}

// Where the kernel frees some of a place's packets without a trace, the trace cannot hold all of
// them.
void allow_for_silence(model::Account& account) {
  const auto* place = knowledge::find_place(account.account);
  if (place == nullptr || place->silent.empty()) return;
  account.reconciliation.state = Agreement::kNotComparable;
  account.reconciliation.why = place->silent;
}

std::string why_trace_alone(const model::Evidence& evidence, const model::Account& account) {
  if (!is_unread(evidence, account)) return "the kernel keeps no counter here: the trace alone";
  std::string why = "no counter of this namespace could be read: the trace alone";
  const auto* place = knowledge::find_place(account.account);
  if (place != nullptr && !place->silent.empty()) why += fmt::format("; {}", place->silent);
  return why;
}

}  // namespace

std::uint64_t tolerance(const model::Evidence& evidence, const std::vector<std::uint64_t>& series) {
  const auto& at_ns = evidence.timeline.at_ns;
  double peak_pps = 0;
  for (size_t at = 0; at < series.size() && at + 1 < at_ns.size(); ++at) {
    const auto interval_ns = static_cast<double>(at_ns[at + 1] - at_ns[at]);
    if (interval_ns <= 0) continue;
    peak_pps = std::max(peak_pps, static_cast<double>(series[at]) * 1e9 / interval_ns);
  }
  const double skew_s = static_cast<double>(evidence.window.skew_ns) / 1e9;
  return static_cast<std::uint64_t>(std::ceil(peak_pps * skew_s));
}

model::Reconciliation compare(std::uint64_t counter, std::uint64_t trace, std::uint64_t tolerance) {
  const auto difference = static_cast<std::int64_t>(counter) - static_cast<std::int64_t>(trace);
  const auto distance = static_cast<std::uint64_t>(std::abs(difference));
  const auto numbers =
      fmt::format("counter {}, trace {}", base::grouped(counter), base::grouped(trace));
  if (distance <= tolerance) {
    return {Agreement::kAgree, difference, tolerance,
            difference == 0 ? numbers + ": the same"
                            : numbers + ": within what passes while they are read"};
  }
  if (difference > 0) {
    return {Agreement::kCounterMore, difference, tolerance,
            numbers + ": the trace missed some, or the counter counts other packets too"};
  }
  return {Agreement::kTraceMore, difference, tolerance,
          numbers + ": the counter does not count all of these drops"};
}

Booked reconciled(const model::Evidence& evidence, std::span<const Entry> entries) {
  Booked booked;
  auto& account = booked.account;
  const Entry& first = entries.front();
  account.account = first.account;
  account.stage = first.stage;
  account.direction = first.direction;
  account.klass = first.klass;
  account.at.netns = common_netns(entries);
  account.at.dev = common_device(entries);

  const bool counted = has(entries, WitnessKind::kCounter);
  const bool traced = has(entries, WitnessKind::kTrace);
  for (const auto& entry : entries) {
    account.witnesses.push_back(entry.witness);
    if (entry.tally) booked.tallies.push_back(*entry.tally);
    if (!entry.echo_key.empty()) booked.echo_keys.push_back(entry.echo_key);
    // One kind of witness draws the curve, or the packets would be drawn twice.
    const bool draws = !traced || entry.witness.kind == WitnessKind::kTrace;
    if (draws) add_series(account.series, entry.series);
  }
  add_hits(booked, entries);

  const std::uint64_t counter = total(entries, WitnessKind::kCounter);
  const std::uint64_t trace = total(entries, WitnessKind::kTrace);
  account.packets = std::max(counter, trace);
  if (counted && traced) {
    account.reconciliation = compare(counter, trace, tolerance(evidence, account.series));
    if (account.reconciliation.state == Agreement::kAgree) account.packets = counter;
    if (account.reconciliation.state == Agreement::kCounterMore) allow_for_silence(account);
  } else if (counted) {
    account.reconciliation.why = evidence.drops.rung.empty()
                                     ? "drops were not traced: the counter alone"
                                     : "the kernel raises no trace here: the counter alone";
  } else {
    account.reconciliation.why = why_trace_alone(evidence, account);
  }
  return booked;
}

}  // namespace diagnose
