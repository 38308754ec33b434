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

  // The receive queue of the last socket, in bytes, at every point.
  EvidenceBuilder& queue(const std::vector<std::uint64_t>& bytes) {
    const auto& socket = evidence_.sockets.back();
    auto& series = evidence_.timeline.gauges[model::counter_id(
        "sockets.receive_memory",
        {{"inode", std::to_string(socket.inode)}, {"netns", socket.netns}})];
    for (std::uint32_t point = 0; point < bytes.size(); ++point) series.add(point, bytes[point]);
    return *this;
  }

  EvidenceBuilder& setting(const std::string& name, std::string value) {
    evidence_.settings[model::counter_id("sysctl." + name, {{"shared", "host"}})] =
        std::move(value);
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
