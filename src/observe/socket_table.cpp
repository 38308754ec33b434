#include "observe/socket_table.h"

#include <algorithm>
#include <set>

#include "host/owners.h"

namespace observe {
namespace {

bool dropped_inside(const model::Socket& socket) {
  return socket.drops > socket.drops_at_start.value_or(0);
}

}  // namespace

SocketTable::Key SocketTable::key_of(const model::Socket& socket) {
  return {socket.netns, socket.cookie, socket.inode};
}

void SocketTable::start(const std::vector<model::Socket>& first_look) {
  for (const auto& socket : first_look) {
    auto& row = sockets_[key_of(socket)] = socket;
    row.drops_at_start = socket.drops;
  }
}

void SocketTable::merge(const model::Socket& socket) {
  const auto [found, is_new] = sockets_.try_emplace(key_of(socket), socket);
  auto& row = found->second;
  if (is_new) return;
  const auto drops_at_start = row.drops_at_start;
  const auto owner = row.owner;
  row = socket;
  row.drops_at_start = drops_at_start;
  row.owner = owner;
}

void SocketTable::update(const std::vector<model::Socket>& look, const model::Inode& netns,
                         std::string_view protocol) {
  std::set<Key> seen;
  for (const auto& socket : look) {
    merge(socket);
    seen.insert(key_of(socket));
  }
  for (auto& [key, socket] : sockets_) {
    const bool looked_for = socket.netns == netns && socket.protocol == protocol;
    if (looked_for) socket.vanished = !seen.contains(key);
  }
}

void SocketTable::finish(const std::vector<model::Socket>& last_look) {
  for (auto& [key, socket] : sockets_) socket.vanished = true;
  for (const auto& socket : last_look) {
    merge(socket);
    sockets_[key_of(socket)].vanished = false;
  }
}

void SocketTable::name_owners(const base::Files& files) {
  std::set<std::uint64_t> wanted;
  for (const auto& [key, socket] : sockets_) {
    if (dropped_inside(socket) && !socket.owner && !socket.vanished) wanted.insert(socket.inode);
  }
  if (wanted.empty()) return;
  const auto owners = host::find_owners(files, wanted);
  for (auto& [key, socket] : sockets_) {
    const auto found = owners.find(socket.inode);
    if (found != owners.end()) socket.owner = found->second;
  }
}

std::optional<model::BlindSpot> SocketTable::missing_owners(const host::Capabilities& held) const {
  const bool all_named = std::ranges::none_of(sockets_, [](const auto& entry) {
    return dropped_inside(entry.second) && !entry.second.owner && !entry.second.vanished;
  });
  const auto missing = held.missing_of(host::kForOwners);
  if (all_named || missing.empty()) return {};
  return model::BlindSpot{.what = "which process reads from the sockets that lost packets",
                          .why = "the open files of other users' processes may not be looked at",
                          .enable = missing,
                          .stages = {}};
}

model::Snapshot SocketTable::queue_gauges() const {
  model::Snapshot gauges;
  for (const auto& [key, socket] : sockets_) {
    if (socket.vanished || !dropped_inside(socket)) continue;
    const bool listens = socket.state == "listen";
    const auto id =
        model::counter_id(listens ? "sockets.accept_queue" : "sockets.receive_memory",
                          {{"inode", std::to_string(socket.inode)}, {"netns", socket.netns}});
    gauges[id] = listens ? socket.receive_queue : socket.receive_memory;
  }
  return gauges;
}

std::vector<model::Socket> SocketTable::rows() const {
  std::vector<model::Socket> rows;
  for (const auto& [key, socket] : sockets_) rows.push_back(socket);
  return rows;
}

}  // namespace observe
