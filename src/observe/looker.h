// Looks at the host through the sources: every namespace, each in its turn.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/netlink.h"
#include "host/namespaces.h"
#include "model/evidence.h"
#include "sources/source.h"

namespace observe {

// How much of a look is wanted: of a window what it needs at its start, what changed of what is
// cheap, and, told in full, what it needs at its end; and for itself what changed of all that
// counts, the same told in full, or all there is.
enum class Depth { kStart, kPoint, kEnd, kChanges, kCounters, kInventory };

// What one look found, over all namespaces.
struct HostLook {
  sources::Look all;
  // When the counters that are read at every point had been read; monotonic.
  std::int64_t points_read_ns = 0;
};

class Looker {
 public:
  explicit Looker(const base::Files& files);

  // Lists the namespaces again. Error: /proc cannot be listed.
  [[nodiscard]] base::Status refresh_namespaces();
  [[nodiscard]] const std::vector<host::Namespace>& namespaces() const { return namespaces_; }
  // Those that are there, and those that were there in the window and are gone.
  [[nodiscard]] const std::vector<host::Namespace>& seen() const { return seen_; }
  // False where there may be namespaces that are not among those.
  [[nodiscard]] bool is_complete() const { return complete_; }
  // From now on, also those of which only the counters can be read and not the id. Where drops are
  // traced they would stand beside the ids that the trace tells, and be counted twice.
  void include_hidden() { with_hidden_ = true; }
  // From now on, the ends of a window also read what only the whole picture shows.
  void include_inventory() { with_inventory_ = true; }
  // What may not be seen of the namespaces that may not be entered. Empty `selected`: of all.
  [[nodiscard]] std::vector<model::BlindSpot> closed_namespaces(
      const std::set<model::Inode>& selected) const;

  // Reads the sources of the host and of every namespace. For a window those of every point come
  // first, in all namespaces, so that they are close together in time, and the others after them.
  [[nodiscard]] HostLook look(Depth depth);
  // Runs one reader inside one namespace, or on what /proc shows of one that may not be entered. A
  // namespace that vanished has nothing to tell, nor one that is closed on a question.
  [[nodiscard]] sources::Look look_into(const model::Inode& netns,
                                        void (*read)(const sources::Access&, sources::Look&),
                                        const model::Question* question = nullptr);

 private:
  using Cadences = std::span<const sources::Cadence>;
  void read_host(Cadences cadences, Depth depth, sources::Look& look);
  void read_namespaces(Cadences cadences, Depth depth, sources::Look& look);
  void read_inside(const host::Namespace& place, const base::Status& entered, Cadences cadences,
                   Depth depth, sources::Look& look);
  void read_sources(sources::Scope scope, Cadences cadences, sources::Access& access,
                    sources::Look& look);
  void show_devices(sources::Scope scope, const sources::Look& look, sources::Access& access);
  [[nodiscard]] sources::Access access_to(const base::Netlink& netlink, const model::Inode& netns,
                                          Depth depth);
  void note_closed(const host::Namespace& place, const base::Error& error);

  const base::Files& files_;
  host::Visitor visitor_;
  std::vector<host::Namespace> namespaces_;
  std::vector<host::Namespace> seen_;
  bool complete_ = true;
  bool with_hidden_ = false;
  bool with_inventory_ = false;
  std::map<model::Inode, sources::Memory> memories_;  // "" = the host's
  // Which part of a look's devices and hardware the source `link` found in each namespace.
  struct Part {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  struct FoundDevices {
    Part devices;
    Part hardware;
  };
  std::map<model::Inode, FoundDevices> found_devices_;  // of the look that is being taken
  struct Closed {
    std::string name;
    std::string why;
    bool has_counters = false;  // of /proc/PID/net
  };
  std::map<model::Inode, Closed> closed_;  // namespaces that may not be entered
};

}  // namespace observe
