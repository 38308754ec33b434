// Looks at the host through the sources: every namespace, each in its turn.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/netlink.h"
#include "host/namespaces.h"
#include "model/evidence.h"
#include "sources/source.h"

namespace observe {

// How much of a look is wanted: everything, told in full (the start and the end of a window), or
// what changed of what is cheap.
enum class Depth { kStart, kPoint, kEnd };

// What one look found, over all namespaces.
struct HostLook {
  sources::Look all;
  // When the counters that are read at every point had been read; monotonic.
  std::int64_t points_read_ns = 0;
};

class Looker {
 public:
  Looker(const base::Files& files, const base::Netlink& netlink);

  // Lists the namespaces again. Error: /proc cannot be listed.
  [[nodiscard]] base::Status refresh_namespaces();
  [[nodiscard]] const std::vector<host::Namespace>& namespaces() const { return namespaces_; }
  // Those that are there, and those that were there in the window and are gone.
  [[nodiscard]] const std::vector<host::Namespace>& seen() const { return seen_; }
  // False where the namespaces of some processes may not be read.
  [[nodiscard]] bool is_complete() const { return complete_; }

  // Reads the sources of the host and of every namespace: those of every point first, in all
  // namespaces, so that they are close together in time; the others after them.
  [[nodiscard]] HostLook look(Depth depth);
  // Runs one reader inside one namespace, for a question. A namespace that vanished, or that may
  // not be entered, has nothing to tell.
  [[nodiscard]] sources::Look look_into(const model::Inode& netns,
                                        void (*read)(const sources::Access&, sources::Look&),
                                        const model::Question* question = nullptr);

 private:
  void read_all(sources::Cadence cadence, Depth depth, sources::Look& look);
  void visit(const host::Namespace& place, sources::Cadence cadence, Depth depth,
             sources::Look& look);
  void note_closed(const host::Namespace& place, const base::Error& error, sources::Look& look);

  const base::Files& files_;
  const base::Netlink& netlink_;
  host::Visitor visitor_;
  std::vector<host::Namespace> namespaces_;
  std::vector<host::Namespace> seen_;
  bool complete_ = true;
  std::map<model::Inode, sources::Memory> memories_;  // "" = the host's
  std::set<model::Inode> closed_;                     // namespaces that may not be entered
};

}  // namespace observe
