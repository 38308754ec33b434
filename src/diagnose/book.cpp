// Steps 2 to 5 of the ledger: entries become accounts.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "diagnose/echoes.h"
#include "diagnose/homeless.h"
#include "diagnose/ledger.h"
#include "diagnose/reconcile.h"
#include "diagnose/samples.h"
#include "diagnose/sockets.h"
#include "diagnose/sort_by_counters.h"
#include "knowledge/knowledge.h"

namespace diagnose {
namespace {

using model::Evidence;

// How finely the counters of a place tell where: they decide what one account is.
enum class Grain { kHost, kNetns, kDevice };

// By the place's exact counters; a place that only the trace sees is told apart by device.
Grain grain_of(const std::string& place) {
  Grain grain = Grain::kDevice;
  for (const auto& row : knowledge::counters()) {
    if (row.place != place || row.role != knowledge::Role::kExact) continue;
    if (row.name.starts_with("softnet.")) return Grain::kHost;
    const bool of_device = row.name.starts_with("link.") || row.name.starts_with("ethtool.") ||
                           row.name.starts_with("qdisc.");
    if (!of_device) grain = Grain::kNetns;
  }
  // Noise, refusals and the unknown are told apart by function already.
  return place.find('@') == std::string::npos ? grain : Grain::kNetns;
}

using Spot = std::tuple<std::string, model::Inode, std::string>;  // account, netns, device

Spot spot_of(const Entry& entry, std::map<std::string, Grain>& grains) {
  const auto [found, fresh] = grains.try_emplace(entry.account, Grain::kNetns);
  if (fresh) found->second = grain_of(entry.account);
  switch (found->second) {
    case Grain::kHost:
      return {entry.account, "", ""};
    case Grain::kNetns:
      return {entry.account, entry.at.netns, ""};
    case Grain::kDevice:
      return {entry.account, entry.at.netns, entry.at.dev};
  }
  return {};
}

using Spots = std::map<Spot, std::vector<Entry>>;

Spots grouped_by_spot(const Evidence& evidence) {
  std::map<std::string, Grain> grains;
  std::map<std::string, std::vector<Entry>> places;
  for (auto entries : {trace_entries(evidence), counter_entries(evidence)}) {
    for (auto& entry : entries) {
      if (!is_of_interface(evidence, entry)) continue;
      places[entry.account].push_back(std::move(entry));
    }
  }
  sort_by_counters(evidence, places);
  Spots spots;
  for (auto& [place, entries] : places) {
    const bool homeless =
        std::ranges::any_of(entries, [](const Entry& entry) { return entry.at.netns.empty(); });
    if (homeless) find_homes(evidence, entries);
    for (auto& entry : entries) spots[spot_of(entry, grains)].push_back(std::move(entry));
  }
  return spots;
}

// Drops that the probe knows it did not book, less those that a counter saw all the same.
void book_untraced(const Evidence& evidence, std::vector<Booked>& booked) {
  std::uint64_t missed = evidence.drops.outside_table + evidence.drops.recursion_misses;
  for (const auto& one : booked) {
    const auto& account = one.account;
    if (account.reconciliation.state != model::Agreement::kCounterMore) continue;
    missed -= std::min(missed, static_cast<std::uint64_t>(account.reconciliation.difference));
  }
  if (missed == 0 || !evidence.window.interface.empty()) return;
  Booked untraced;
  untraced.account.account = "unknown@untraced";
  untraced.account.klass = model::Class::kUnknown;
  untraced.account.packets = missed;
  untraced.account.witnesses.push_back({.kind = model::WitnessKind::kTrace,
                                        .reason = "",
                                        .location = "outside the table or missed by recursion",
                                        .packets = missed});
  untraced.account.reconciliation.why = "the kernel gave no place for these drops";
  booked.push_back(std::move(untraced));
}

// A namespace that is not known (it came and went inside the window) belongs to everything, but to
// no selection.
bool is_selected(const Evidence& evidence, const model::Inode& netns) {
  // It may be any, so it may be what was asked about.
  if (netns.empty() && model::traced_without_places(evidence)) return true;
  const auto* found = model::find_netns(evidence, netns);
  return found == nullptr ? model::all_netns_selected(evidence) : found->selected;
}

// What happens at, or hits, a namespace that the user did not ask about is left out.
void keep_selected(const Evidence& evidence, std::vector<Booked>& booked) {
  std::erase_if(booked, [&](const Booked& entry) {
    const auto& account = entry.account;
    const bool hit = std::ranges::any_of(
        account.hits, [&](const model::Hit& one) { return is_selected(evidence, one.netns); });
    return !is_selected(evidence, account.at.netns) && !hit;
  });
}

void number_by_size(const Evidence& evidence, std::vector<Booked>& booked) {
  const auto order = [](const Booked& entry) {
    const auto& account = entry.account;
    return std::tuple(!model::counts_as_lost(account.klass), ~account.packets, account.account,
                      account.at);
  };
  std::ranges::sort(booked, {}, order);
  const double seconds = evidence.timeline.seconds();
  for (size_t at = 0; at < booked.size(); ++at) {
    auto& account = booked[at].account;
    account.id = fmt::format("a{}", at + 1);
    account.unexplained = account.packets;
    if (seconds > 0) account.per_second = static_cast<double>(account.packets) / seconds;
  }
}

}  // namespace

std::vector<Booked> book(const Evidence& evidence) {
  std::vector<Booked> booked;
  for (const auto& [spot, entries] : grouped_by_spot(evidence)) {
    Booked pool = reconciled(evidence, entries);
    std::ranges::move(split_by_socket(evidence, entries, std::move(pool)),
                      std::back_inserter(booked));
  }
  name_echoes(evidence, booked);
  book_untraced(evidence, booked);
  for (auto& one : booked) name_senders(evidence, one);
  keep_selected(evidence, booked);
  number_by_size(evidence, booked);
  return booked;
}

}  // namespace diagnose
