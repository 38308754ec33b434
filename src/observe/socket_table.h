// The UDP sockets and listeners of the window, from the first look to the last, so that a socket
// that was closed in between is still there with its drops and its owner.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/files.h"
#include "host/capabilities.h"
#include "model/counter.h"
#include "model/evidence.h"

namespace observe {

class SocketTable {
 public:
  void start(const std::vector<model::Socket>& first_look);
  // A look at the sockets of one protocol ("udp", or "tcp": listeners) in one namespace inside the
  // window. Sockets that are new were born in the window.
  void update(const std::vector<model::Socket>& look, const model::Inode& netns,
              std::string_view protocol);
  // The look at the end: what it lacks has vanished.
  void finish(const std::vector<model::Socket>& last_look);

  // Finds process and cgroup of the sockets that dropped since the start and have no owner yet.
  void name_owners(const base::Files& files);
  // Told where a socket that dropped has no owner and `held` lacks what finding it would take.
  [[nodiscard]] std::optional<model::BlindSpot> missing_owners(
      const host::Capabilities& held) const;

  // sockets.receive_memory{inode,netns} (bytes) of UDP sockets and
  // sockets.accept_queue{inode,netns} (connections) of listeners that dropped since the start and
  // are open.
  [[nodiscard]] model::Snapshot queue_gauges() const;
  [[nodiscard]] std::vector<model::Socket> rows() const;

 private:
  using Key = std::tuple<model::Inode, std::uint64_t, std::uint64_t>;  // netns, cookie, inode
  static Key key_of(const model::Socket& socket);
  void merge(const model::Socket& socket);

  std::map<Key, model::Socket> sockets_;
};

}  // namespace observe
