#include "observe/inquiry.h"

#include <algorithm>
#include <iterator>

#include "observe/assemble.h"
#include "sources/qdisc.h"
#include "sources/sockets.h"

namespace observe {

using Kind = model::Question::Kind;

Inquiry::Inquiry(const base::Files& files, Looker& looker, SocketTable& sockets)
    : files_(files), looker_(looker), sockets_(sockets) {}

sources::Look Inquiry::answer(const model::Question& question, model::Evidence& evidence) {
  switch (question.kind) {
    case Kind::kOwners:
      look_at_udp_sockets(question.netns);
      look_at_listeners(question.netns);
      sockets_.name_owners(files_);
      return {};
    case Kind::kWatchQueues:
      udp_.insert(question.netns);
      return {};
    case Kind::kWatchListeners:
      listeners_.insert(question.netns);
      return {};
    case Kind::kTcpSockets:
      tcp_.insert(question.netns);
      return {};
    case Kind::kWatchQdiscs:
      qdiscs_.insert(question.netns);
      break;
    default:
      break;
  }
  // Sources that are read only when asked are asked once: what they tell does not count anything.
  sources::Look notes;
  if (!answered_.insert(question).second) return notes;
  for (auto& look : looks_for(question)) {
    std::ranges::move(look.blind_spots, std::back_inserter(notes.blind_spots));
    std::ranges::move(look.messages, std::back_inserter(notes.messages));
    add_answers(std::move(look), evidence);
  }
  return notes;
}

// Several sources may know a part of an answer.
std::vector<sources::Look> Inquiry::looks_for(const model::Question& question) const {
  std::vector<sources::Look> looks;
  for (const auto* source : sources::all_sources()) {
    if (source->answers != question.kind) continue;
    looks.push_back(looker_.look_into(question.netns, source->read, &question));
  }
  return looks;
}

void Inquiry::look_at_udp_sockets(const model::Inode& netns) {
  const auto look = looker_.look_into(netns, sources::read_udp_sockets);
  sockets_.update(look.sockets, netns, "udp");
}

void Inquiry::look_at_listeners(const model::Inode& netns) {
  const auto look = looker_.look_into(netns, sources::read_listeners);
  sockets_.update(look.sockets, netns, "tcp");
}

void Inquiry::watch(std::uint32_t point, model::Timeline& timeline) {
  for (const auto& netns : udp_) look_at_udp_sockets(netns);
  for (const auto& netns : listeners_) look_at_listeners(netns);
  note_queues(point, timeline);
  for (const auto& netns : qdiscs_) {
    const auto look = looker_.look_into(netns, sources::read_qdiscs);
    timeline.add(point, look.counters, look.gauges);
  }
}

void Inquiry::note_queues(std::uint32_t point, model::Timeline& timeline) const {
  if (udp_.empty() && listeners_.empty()) return;
  timeline.add(point, {}, sockets_.queue_gauges());
}

void Inquiry::forget_neighbours(model::Evidence& evidence) {
  evidence.neighbours.clear();
  std::erase_if(answered_,
                [](const model::Question& question) { return question.kind == Kind::kNeighbours; });
}

std::vector<model::Socket> Inquiry::tcp_sockets() const {
  std::vector<model::Socket> found;
  for (const auto& netns : tcp_) {
    auto look = looker_.look_into(netns, sources::read_tcp_established);
    std::ranges::move(look.sockets, std::back_inserter(found));
  }
  return found;
}

std::vector<sources::VethEnds> Inquiry::ends_of_look_alikes(
    const std::vector<model::Device>& devices) const {
  std::set<model::Inode> unclear;
  for (const auto& device : devices) {
    const bool lonely = device.kind == "veth" && device.peer_ifindex != 0 && !device.peer;
    if (lonely && !device.vanished) unclear.insert(device.netns);
  }
  std::vector<sources::VethEnds> ends;
  for (const auto& netns : unclear) {
    for (auto& look : looks_for({.kind = Kind::kVethPeers, .netns = netns})) {
      std::ranges::move(look.veth_ends, std::back_inserter(ends));
    }
  }
  return ends;
}

}  // namespace observe
