// The network namespaces of the host: which there are, and how to look at one from inside.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "model/evidence.h"

namespace host {

struct Namespace {
  model::Inode id;
  std::string name;        // "init", the name under /run/netns, or ""
  std::string enter_path;  // "/run/netns/x", "/run/docker/netns/x" or "/proc/PID/ns/net"
  std::uint32_t pid = 0;   // a process in it; 0 = none is known
  std::string comm;        // its name
  std::optional<std::string> unit;
  std::optional<std::string> container;  // short id
  std::optional<std::string> container_name;
  bool is_init = false;
};

struct NamespaceList {
  std::vector<Namespace> namespaces;  // the initial one first, then by id
  // Those of processes that we may not look at: the counters of /proc/PID/net are open to
  // everybody. The kernel does not tell us which namespace it is: the id is a number of ours, the
  // name is "pid:N", and it may be one of `namespaces` that has a name and no known process.
  std::vector<Namespace> hidden;
  bool complete = true;  // false: /proc hides processes of other users (mount option hidepid)
};

// Every network namespace with a process in it or a name under /run/netns or /run/docker/netns.
// Error: /proc cannot be listed.
[[nodiscard]] base::Result<NamespaceList> list_namespaces(const base::Files& files);

// "NAME", "PID" or "inode:N" -> the id of one of `namespaces`. Empty for no selectors. Error: one
// that does not exist, or whose namespace may not be read.
[[nodiscard]] base::Result<std::set<model::Inode>> resolve_selectors(
    const base::Files& files, const std::vector<Namespace>& namespaces,
    const std::vector<std::string>& selectors);

// Looks at namespaces from inside. A thread of its own enters them, so that no other thread ever
// changes its own, and is woken once for all of a list: that costs more than most looks. It keeps
// no descriptor of a foreign namespace: one held open keeps a deleted namespace and its devices
// alive.
class Visitor {
 public:
  Visitor();
  ~Visitor();
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  // Calls `inside` for each namespace in turn, standing in it, and waits for the last. Those that
  // could not be entered have an error: the namespace vanished, or entering is refused
  // (base::is_refusal). In the caller's own namespace no right is needed, nor another thread.
  void visit_each(std::span<const Namespace> places,
                  const std::function<void(const Namespace&, const base::Status&)>& inside);
  // Of one.
  [[nodiscard]] base::Status visit(const Namespace& place, const std::function<void()>& inside);

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
  model::Inode home_;  // "" where it cannot be known
};

}  // namespace host
