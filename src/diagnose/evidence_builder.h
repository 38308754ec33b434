// Makes evidence by hand, for the tests of this room.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/evidence.h"

namespace diagnose {

// One namespace "1", a window of `points` points at 100 ms, traced, nothing dropped.
class EvidenceBuilder {
 public:
  explicit EvidenceBuilder(std::uint32_t points = 11) {
    evidence_.netns.push_back({.id = "1", .name = "init"});
    evidence_.drops.rung = "tp_btf";
    for (std::uint32_t point = 0; point < points; ++point) {
      evidence_.timeline.add_point(std::int64_t{point} * 100'000'000);
    }
    evidence_.window.duration_ns = evidence_.timeline.at_ns.back();
    evidence_.window.traced_ns = evidence_.window.duration_ns;
    counter("netstat.IpExt.InNoECTPkts", 100'000);
  }

  // A counter of namespace `netns` that rises evenly by `rise` over the window.
  EvidenceBuilder& counter(const std::string& name, std::uint64_t rise, std::string netns = "1") {
    return counter_id(model::counter_id(name, {{"netns", netns}}), rise);
  }

  EvidenceBuilder& counter_id(const model::CounterId& id, std::uint64_t rise) {
    const auto last = evidence_.timeline.last_point();
    auto& series = evidence_.timeline.counters[id];
    series = {};
    for (std::uint32_t point = 0; point <= last; ++point) {
      series.add(point, 1000 + rise * point / last);
    }
    return *this;
  }

  EvidenceBuilder& tally(std::string symbol, std::string reason, std::uint64_t packets,
                         std::uint16_t port = 0, std::string netns = "1") {
    model::DropTally tally;
    tally.symbol = std::move(symbol);
    tally.offset = 0x42;
    tally.reason = std::move(reason);
    tally.netns = std::move(netns);
    tally.port = port;
    tally.events = packets;
    tally.packets = packets;
    tally.bytes = packets * 500;
    tally.truesize_bytes = packets * 1280;
    evidence_.drops.tallies.push_back(std::move(tally));
    return *this;
  }

  // Gives the last tally `count` bursts of one slot each, `every_slots` apart.
  EvidenceBuilder& bursts(std::uint32_t count, std::uint32_t every_slots) {
    auto& tally = evidence_.drops.tallies.back();
    const std::uint64_t packets = tally.packets / count;
    for (std::uint32_t burst = 0; burst < count; ++burst) {
      tally.bursts.push_back({burst * every_slots, packets, packets * 500, packets * 1280});
    }
    return *this;
  }

  EvidenceBuilder& udp_socket(std::uint16_t port, std::uint64_t drops, std::uint64_t buffer,
                              std::string netns = "1") {
    model::Socket socket;
    socket.netns = std::move(netns);
    socket.protocol = "udp";
    socket.local = "0.0.0.0";
    socket.local_port = port;
    socket.inode = 7000U + port;
    socket.cookie = port;
    socket.receive_buffer = buffer;
    socket.drops = drops;
    socket.drops_at_start = 0;
    socket.owner = {.pid = 812, .comm = "dnsd", .cgroup = "/system.slice/dnsd.service"};
    evidence_.sockets.push_back(std::move(socket));
    return *this;
  }

  // A TCP listener; `backlog` is the limit of its accept queue, `waiting` what it holds at the end.
  EvidenceBuilder& listener(std::uint16_t port, std::uint64_t drops, std::uint64_t backlog,
                            std::uint64_t waiting = 0) {
    udp_socket(port, drops, 0);
    auto& socket = evidence_.sockets.back();
    socket.protocol = "tcp";
    socket.state = "listen";
    socket.send_queue = backlog;
    socket.receive_queue = waiting;
    socket.owner->comm = "web";
    return *this;
  }

  // How many connections waited at the last listener, at every point.
  EvidenceBuilder& waiting(const std::vector<std::uint64_t>& connections) {
    return gauge("sockets.accept_queue", connections);
  }

  // The receive queue of the last socket, in bytes, at every point.
  EvidenceBuilder& queue(const std::vector<std::uint64_t>& bytes) {
    return gauge("sockets.receive_memory", bytes);
  }

  // A gauge of the last socket, at every point.
  EvidenceBuilder& gauge(std::string_view name, const std::vector<std::uint64_t>& values) {
    const auto& socket = evidence_.sockets.back();
    auto& series = evidence_.timeline.gauges[model::counter_id(
        name, {{"inode", std::to_string(socket.inode)}, {"netns", socket.netns}})];
    for (std::uint32_t point = 0; point < values.size(); ++point) series.add(point, values[point]);
    return *this;
  }

  // A counter of namespace "1" that rose by so much in each interval of the window.
  EvidenceBuilder& rises(const std::string& name, const std::vector<std::uint64_t>& amounts) {
    auto& series = evidence_.timeline.counters[model::counter_id(name, {{"netns", "1"}})];
    std::uint64_t value = 1000;
    series.add(0, value);
    for (std::uint32_t at = 0; at < amounts.size(); ++at) series.add(at + 1, value += amounts[at]);
    return *this;
  }

  // A packet of the last tally that was sampled.
  EvidenceBuilder& sample(std::string source, std::string destination,
                          std::uint16_t source_port = 4000) {
    model::DropSample sample;
    sample.tally = static_cast<std::uint32_t>(evidence_.drops.tallies.size() - 1);
    sample.flow = {"udp", std::move(source), source_port, std::move(destination), 5001};
    evidence_.drops.samples.push_back(std::move(sample));
    return *this;
  }

  EvidenceBuilder& device(std::string name, std::uint32_t ifindex, std::string netns = "1",
                          std::vector<std::string> addresses = {}) {
    evidence_.devices.push_back({.netns = std::move(netns),
                                 .ifindex = ifindex,
                                 .name = std::move(name),
                                 .kind = "veth",
                                 .addresses = std::move(addresses)});
    return *this;
  }

  EvidenceBuilder& setting(const std::string& name, std::string value) {
    evidence_.settings[model::counter_id("sysctl." + name, {{"shared", "host"}})] =
        std::move(value);
    return *this;
  }

  EvidenceBuilder& setting_of_netns(const std::string& name, std::string value,
                                    std::string netns = "1") {
    evidence_.settings[model::counter_id("sysctl." + name, {{"netns", netns}})] = std::move(value);
    return *this;
  }

  EvidenceBuilder& skew_ns(std::int64_t skew) {
    evidence_.window.skew_ns = skew;
    return *this;
  }

  [[nodiscard]] model::Evidence& evidence() { return evidence_; }

 private:
  model::Evidence evidence_;
};

}  // namespace diagnose
