// Evidence of routing, made by hand for the tests of the causes of routing and neighbours.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "diagnose/evidence_builder.h"
#include "model/diagnosis.h"

namespace diagnose {

// In namespace "1" device 2 is "eth0", device 3 "eth1". Packets come from 10.0.0.9 by eth0, handed
// over by 10.0.0.2 (02:00:00:00:00:02), and go to 10.55.1.1.
class RoutingBuilder : public EvidenceBuilder {
 public:
  RoutingBuilder() {
    evidence().devices.push_back({.netns = "1", .ifindex = 2, .name = "eth0"});
    evidence().devices.push_back({.netns = "1", .ifindex = 3, .name = "eth1"});
  }

  // `packets` dropped by eth0, four of them sampled.
  RoutingBuilder& received(std::string symbol, std::string reason, std::uint64_t packets) {
    tally(std::move(symbol), std::move(reason), packets);
    evidence().drops.tallies.back().ifindex = 2;
    return sampled(4);
  }

  // The same of packets made here, dropped on their way out by eth1.
  RoutingBuilder& sent(std::string symbol, std::string reason, std::uint64_t packets) {
    tally(std::move(symbol), std::move(reason), packets);
    evidence().drops.tallies.back().ifindex = 3;
    evidence().drops.tallies.back().made_here = true;
    return sampled(4);
  }

  RoutingBuilder& flow(std::string source, std::string destination) {
    source_ = std::move(source);
    destination_ = std::move(destination);
    return *this;
  }

  // What the kernel says of the way of such a packet as it came in.
  RoutingBuilder& as_received(std::string error, std::uint32_t ifindex = 0,
                              std::string gateway = "") {
    return answer(source_, destination_, 2, std::move(error), ifindex, std::move(gateway));
  }
  // … of the way to its destination from here.
  RoutingBuilder& way_out(std::string error, std::uint32_t ifindex = 0, std::string gateway = "") {
    return answer(source_, destination_, 0, std::move(error), ifindex, std::move(gateway));
  }
  // … of the way back.
  RoutingBuilder& way_back(std::string error, std::uint32_t ifindex = 0) {
    return answer(destination_, source_, 0, std::move(error), ifindex, "");
  }

  RoutingBuilder& special(std::string type, std::string destination, std::string table = "main") {
    evidence().special_routes.push_back({.netns = "1",
                                         .type = std::move(type),
                                         .destination = std::move(destination),
                                         .table = std::move(table)});
    return *this;
  }

  RoutingBuilder& neighbour(std::uint32_t ifindex, std::string address, std::string state,
                            std::string link_layer = "") {
    evidence().neighbours.push_back({.netns = "1",
                                     .ifindex = ifindex,
                                     .address = std::move(address),
                                     .state = std::move(state),
                                     .link_layer = std::move(link_layer)});
    return *this;
  }

  RoutingBuilder& of_device(const std::string& name, const std::string& device, std::string value) {
    evidence().settings[model::counter_id("sysctl." + name, {{"dev", device}, {"netns", "1"}})] =
        std::move(value);
    return *this;
  }

  RoutingBuilder& of_netns(const std::string& name, std::string value) {
    evidence().settings[model::counter_id("sysctl." + name, {{"netns", "1"}})] = std::move(value);
    return *this;
  }

 private:
  RoutingBuilder& sampled(int count) {
    const auto tally = static_cast<std::uint32_t>(evidence().drops.tallies.size() - 1);
    for (int made = 0; made < count; ++made) {
      model::DropSample sample{.tally = tally};
      sample.flow = {.protocol = "udp",
                     .source = source_,
                     .source_port = 4000,
                     .destination = destination_,
                     .destination_port = 53};
      // An Ethernet frame from 02:00:00:00:00:02 with an IPv4 header from 10.0.0.9.
      sample.headers_hex =
          "0200000000010200000000020800"
          "450000500000400001110000"
          "0a0000090a370101";
      evidence().drops.samples.push_back(std::move(sample));
    }
    return *this;
  }

  RoutingBuilder& answer(const std::string& source, const std::string& destination,
                         std::uint32_t from, std::string error, std::uint32_t ifindex,
                         std::string gateway) {
    const bool found = error.empty();
    evidence().route_lookups.push_back({.netns = "1",
                                        .source = source,
                                        .destination = destination,
                                        .from_ifindex = from,
                                        .type = found ? "unicast" : "",
                                        .error = std::move(error),
                                        .ifindex = ifindex,
                                        .gateway = std::move(gateway)});
    return *this;
  }

  std::string source_ = "10.0.0.9";
  std::string destination_ = "10.55.1.1";
};

// The finding of a cause, or an empty one.
inline model::Finding finding_of(const model::Diagnosis& diagnosis, std::string_view cause) {
  for (const auto& finding : diagnosis.findings) {
    if (finding.cause == cause) return finding;
  }
  return {};
}

// The remedy of a finding, or an empty one.
inline model::Remedy remedy_of(const model::Finding& finding, std::string_view id) {
  for (const auto& remedy : finding.remedies) {
    if (remedy.id == id) return remedy;
  }
  return {};
}

}  // namespace diagnose
