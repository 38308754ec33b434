#include "diagnose/samples.h"

#include <algorithm>
#include <map>

namespace diagnose {
namespace {

using model::DropSample;
using model::Evidence;

// More ways of one account than this tell nothing new.
constexpr size_t kMostRoutes = 4;
// Every question makes the kernel free a packet of its own making (inet_rtm_getroute), which is
// traced as well: a scan with ever new addresses must not fill the report with those.
constexpr int kMostAnswers = 24;

template <class Value>
Frequencies by_frequency(const std::map<std::string, Value>& seen) {
  Frequencies found(seen.begin(), seen.end());
  std::ranges::stable_sort(found, std::greater{}, &Frequencies::value_type::second);
  return found;
}

template <class Text>
Frequencies frequencies(const Evidence& evidence, const Booked& booked, Text text) {
  std::map<std::string, std::uint64_t> seen;
  for (const auto* sample : samples_of(evidence, booked)) {
    if (sample->flow) ++seen[text(*sample->flow)];
  }
  return by_frequency(seen);
}

bool has_address(const model::Device& device, const std::string& address) {
  return std::ranges::any_of(device.addresses, [&](const std::string& one) {
    return one.starts_with(address) && one.size() > address.size() && one[address.size()] == '/';
  });
}

bool is_loopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

// The namespaces that device pairs lead to from this one, itself included.
std::set<model::Inode> connected_to(const Evidence& evidence, const model::Inode& netns) {
  std::set<model::Inode> reached{netns};
  std::vector<model::Inode> open{netns};
  while (!open.empty()) {
    const auto here = std::move(open.back());
    open.pop_back();
    for (const auto& device : evidence.devices) {
      const bool leads_out = device.netns == here && device.peer && !device.vanished;
      if (leads_out && reached.insert(device.peer->netns).second) {
        open.push_back(device.peer->netns);
      }
    }
  }
  return reached;
}

}  // namespace

std::vector<const DropSample*> samples_of(const Evidence& evidence, const Booked& booked) {
  std::vector<const DropSample*> samples;
  for (const auto& sample : evidence.drops.samples) {
    const bool ours = std::ranges::find(booked.tallies, sample.tally) != booked.tallies.end();
    if (ours) samples.push_back(&sample);
  }
  return samples;
}

std::optional<model::Flow> common_flow(const Evidence& evidence, const Booked& booked,
                                       bool any_source_port) {
  std::map<model::Flow, int> seen;
  for (const auto* sample : samples_of(evidence, booked)) {
    if (!sample->flow) continue;
    auto flow = *sample->flow;
    if (any_source_port) flow.source_port = 0;
    ++seen[flow];
  }
  const auto most = std::ranges::max_element(seen, {}, [](const auto& one) { return one.second; });
  return most == seen.end() ? std::nullopt : std::optional(most->first);
}

Frequencies sources_of(const Evidence& evidence, const Booked& booked) {
  return frequencies(evidence, booked, [](const model::Flow& flow) { return flow.source; });
}

Frequencies destinations_of(const Evidence& evidence, const Booked& booked) {
  return frequencies(evidence, booked, [](const model::Flow& flow) { return flow.destination; });
}

std::uint32_t arrival_ifindex(const Booked& booked, const model::DropTally& tally) {
  const bool outbound = booked.account.direction == model::Direction::kSend;
  return tally.made_here || outbound ? 0 : tally.ifindex;
}

std::vector<model::Question> route_questions(const Evidence& evidence, const Booked& booked) {
  std::vector<model::Question> questions;
  const auto answers = std::ranges::count(evidence.route_lookups, booked.account.at.netns,
                                          &model::RouteLookup::netns);
  if (answers >= kMostAnswers) return questions;
  std::set<model::Flow> ways;
  for (const auto* sample : samples_of(evidence, booked)) {
    if (!sample->flow || ways.size() >= kMostRoutes) continue;
    const auto& [source, destination] = std::pair(sample->flow->source, sample->flow->destination);
    if (!ways.insert({.source = source, .destination = destination}).second) continue;
    const auto& tally = evidence.drops.tallies[sample->tally];
    const auto from = arrival_ifindex(booked, tally);
    const auto ask = [&](model::Question::Route route) {
      questions.push_back({.kind = model::Question::Kind::kRoutes,
                           .netns = tally.netns,
                           .route = std::move(route)});
    };
    ask({.source = source, .destination = destination, .from_ifindex = 0});
    if (from == 0) continue;
    ask({.source = source, .destination = destination, .from_ifindex = from});
    ask({.source = destination, .destination = source, .from_ifindex = 0});
  }
  return questions;
}

std::optional<model::Inode> netns_of_address(const Evidence& evidence, const std::string& address,
                                             const model::Inode& near) {
  std::set<model::Inode> owners;
  for (const auto& device : evidence.devices) {
    if (has_address(device, address)) owners.insert(device.netns);
  }
  if (owners.contains(near)) return near;
  // Namespaces that were made alike have the same addresses, and some may have come and gone: only
  // one whose packets could have come here is meant.
  if (!near.empty()) {
    const auto connected = connected_to(evidence, near);
    std::erase_if(owners, [&](const auto& one) { return !connected.contains(one); });
  }
  return owners.size() == 1 ? std::optional(*owners.begin()) : std::nullopt;
}

void name_senders(const Evidence& evidence, Booked& booked) {
  auto& account = booked.account;
  std::map<model::Inode, std::map<model::Flow, std::uint64_t>> senders;
  std::uint64_t samples = 0;
  for (const auto* sample : samples_of(evidence, booked)) {
    if (!sample->flow) continue;
    ++samples;
    const auto& tally = evidence.drops.tallies[sample->tally];
    const auto& near = tally.netns;
    if (tally.made_here || near.empty() || is_loopback(sample->flow->source)) continue;
    const auto netns = netns_of_address(evidence, sample->flow->source, near);
    if (netns && *netns != near) ++senders[*netns][*sample->flow];
  }
  for (const auto& [netns, flows] : senders) {
    std::uint64_t seen = 0;
    for (const auto& [flow, times] : flows) seen += times;
    const auto most =
        std::ranges::max_element(flows, {}, [](const auto& one) { return one.second; });
    account.hits.push_back(
        {.netns = netns, .flow = most->first, .packets = account.packets * seen / samples});
  }
}

}  // namespace diagnose
