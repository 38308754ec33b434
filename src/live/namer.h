// Names for what a dropped packet carries: its namespace, its device, who holds its socket. Looks
// are dear and drops may be many, so what is known is kept, and what is not known is looked for at
// most some times a second, for all that wait together.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/files.h"
#include "model/evidence.h"
#include "observe/looker.h"

namespace live {

class Namer {
 public:
  // `files` must outlive it.
  explicit Namer(const base::Files& files) : files_(files), looker_(files) {}

  // Error: /proc cannot be listed.
  [[nodiscard]] base::Status read_namespaces();
  [[nodiscard]] const std::vector<host::Namespace>& namespaces() const {
    return looker_.namespaces();
  }
  [[nodiscard]] bool knows(const model::Inode& netns) const;
  // Ids of namespaces and devices that are not known yet: they are looked for at the next look.
  void want(const model::Inode& netns, std::uint32_t ifindex);
  void want_owner(std::uint64_t socket_inode);

  // Looks for what is wanted, if the last look is long enough ago.
  void look(std::chrono::nanoseconds now);

  // The rows of `namespaces()`, and what is in them.
  [[nodiscard]] const std::vector<model::Netns>& rows() const { return rows_; }
  [[nodiscard]] std::string netns_name(const model::Inode& netns) const;
  [[nodiscard]] std::string device_name(const model::Inode& netns, std::uint32_t ifindex) const;
  // True while the socket's owner has still to be looked for.
  [[nodiscard]] bool is_pending(std::uint64_t socket_inode) const {
    return wanted_owners_.contains(socket_inode);
  }
  [[nodiscard]] std::optional<model::Owner> owner(std::uint64_t socket_inode) const;

 private:
  void read_devices(const model::Inode& netns);
  void read_owners();

  const base::Files& files_;
  observe::Looker looker_;
  std::vector<model::Netns> rows_;
  std::map<std::pair<model::Inode, std::uint32_t>, std::string> devices_;
  std::set<model::Inode> wanted_;
  std::set<model::Inode> unknown_;  // namespaces that were looked for in vain
  std::map<std::uint64_t, std::optional<model::Owner>> owners_;
  std::set<std::uint64_t> wanted_owners_;
  std::chrono::nanoseconds next_look_{0};
  std::chrono::nanoseconds next_owners_{0};
};

}  // namespace live
