#include "live/flow_sums.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace live {
namespace {

constexpr std::size_t kShown = 1000;

model::TracedShare share(std::vector<std::string> what, const model::Inode& netns,
                         std::uint64_t packets, std::uint64_t error) {
  return {.what = std::move(what),
          .netns = netns,
          .netns_name = "",
          .packets = packets,
          .error = error};
}

}  // namespace

std::string prefix_of(const std::string& address) {
  std::array<std::uint8_t, 16> bytes{};
  const bool v6 = address.contains(':');
  if (inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) return address;
  const std::size_t kept = v6 ? 8 : 3;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(kept), bytes.end(), std::uint8_t{0});
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return std::string(text) + (v6 ? "/64" : "/24");
}

void FlowSums::add(const probes::drops::FlowCount& count) {
  flows_.add({count.netns, count.flow}, count.packets);
  sources_.add({count.netns, prefix_of(count.flow.source)}, count.packets);
}

void FlowSums::set_outside(std::uint64_t packets) {
  flows_.set_unseen(packets);
  sources_.set_unseen(packets);
}

std::vector<model::TracedShare> FlowSums::flows() const {
  std::vector<model::TracedShare> rows;
  for (const auto& [key, packets] : flows_.rows()) {
    const auto& [netns, flow] = key;
    if (rows.size() == kShown) break;
    rows.push_back(share({flow.protocol, flow.source, std::to_string(flow.source_port),
                          flow.destination, std::to_string(flow.destination_port)},
                         netns, packets, flows_.error()));
  }
  return rows;
}

std::vector<model::TracedShare> FlowSums::sources() const {
  std::vector<model::TracedShare> rows;
  for (const auto& [key, packets] : sources_.rows()) {
    if (rows.size() == kShown) break;
    rows.push_back(share({key.second}, key.first, packets, sources_.error()));
  }
  return rows;
}

void CountedFlows::take(const probes::drops::FlowCounts& counts,
                        const std::set<model::Inode>& netns) {
  for (const auto& count : counts.flows) {
    if (!netns.empty() && !netns.contains(count.netns)) continue;
    (count.received ? received_ : dropped_).add(count);
  }
  dropped_.set_outside(counts.outside);
  received_.set_outside(counts.outside);
  unread_ = counts.unread;
}

void CountedFlows::tell(model::TraceSummary& summary,
                        const std::function<std::string(const model::Inode&)>& name_of) const {
  summary.flows_counted = true;
  summary.flows = dropped_.flows();
  summary.sources = dropped_.sources();
  summary.received = received_.total();
  summary.received_flows = received_.flows();
  summary.received_sources = received_.sources();
  summary.packets_without_flow = unread_;
  for (auto* rows :
       {&summary.flows, &summary.sources, &summary.received_flows, &summary.received_sources}) {
    for (auto& row : *rows) row.netns_name = name_of(row.netns);
  }
}

}  // namespace live
