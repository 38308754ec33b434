#include "host/namespaces.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "host/container.h"
#include "host/container_name.h"

namespace host {
namespace {

// The kernel numbers namespaces from 0xF0000000 on (fs/proc/generic.c: PROC_DYNAMIC_FIRST); on 6.18
// the initial ones lie a little below. A name with a smaller number was left behind: it is the
// plain file on which `ip netns add` mounts a namespace.
constexpr unsigned long kFirstNamespace = 0xEFFFFF00;

constexpr const char* kNameFolders[] = {"/run/netns", "/run/docker/netns"};

// "net:[4026531840]" -> "4026531840".
std::optional<model::Inode> inode_of_link(std::string_view target) {
  if (!target.starts_with("net:[") || !target.ends_with(']')) return {};
  const auto number = target.substr(5, target.size() - 6);
  if (!base::parse_number(number)) return {};
  return model::Inode(number);
}

using ById = std::map<model::Inode, Namespace>;

Namespace& entry(ById& found, const model::Inode& id) {
  auto& place = found[id];
  place.id = id;
  return place;
}

// What the process that stands for a namespace tells of whose it is.
void name_by_process(const base::Files& files, ContainerNames& names, Namespace& place) {
  const auto comm = files.read("/proc/" + std::to_string(place.pid) + "/comm");
  if (comm) place.comm = base::trim(*comm);
  const auto cgroup = cgroup_of_process(files, place.pid);
  place.unit = unit_in_path(cgroup);
  const auto container = container_in_path(cgroup);
  if (!container) return;
  place.container = short_id(*container);
  place.container_name = names.of(*container);
}

using Pids = std::vector<std::uint32_t>;

// The lowest pid of each namespace stands for it: it is the likeliest to live on. Gives those that
// may not be looked at, in order.
Pids add_processes(const base::Files& files, const std::vector<std::string>& names, ById& found) {
  Pids pids;
  Pids refused;
  for (const auto& name : names) {
    if (const auto pid = base::parse_number<std::uint32_t>(name)) pids.push_back(*pid);
  }
  std::ranges::sort(pids);
  for (const auto pid : pids) {
    const auto path = "/proc/" + std::to_string(pid) + "/ns/net";
    const auto target = files.link_target(path);
    if (!target) {
      if (base::is_refusal(target.error())) refused.push_back(pid);
      continue;
    }
    const auto id = inode_of_link(*target);
    if (!id) continue;
    auto& place = entry(found, *id);
    if (place.pid != 0) continue;
    place.pid = pid;
    place.enter_path = path;
  }
  return refused;
}

// Each namespace has files of its own under /proc/PID/net, which anybody may read
// (fs/proc/proc_net.c: get_proc_task_net), so that their inode number tells namespaces apart. It is
// drawn from the same store as the numbers of namespaces (proc_alloc_inum): none is both.
std::optional<unsigned long> number_of_files(const base::Files& files, const std::string& process) {
  const auto inode = files.inode("/proc/" + process + "/net/dev");
  if (!inode) return {};
  return *inode;
}

// The namespaces of `refused` that are none of those found.
std::vector<Namespace> hidden_namespaces(const base::Files& files, const Pids& refused,
                                         const ById& found) {
  std::set<unsigned long> known;
  if (const auto own = number_of_files(files, "thread-self")) known.insert(*own);
  for (const auto& [id, place] : found) {
    if (place.pid == 0) continue;
    if (const auto number = number_of_files(files, std::to_string(place.pid))) {
      known.insert(*number);
    }
  }
  std::vector<Namespace> hidden;
  for (const auto pid : refused) {
    const auto process = std::to_string(pid);
    const auto number = number_of_files(files, process);
    if (!number || !known.insert(*number).second) continue;
    hidden.push_back({.id = std::to_string(*number),
                      .name = "pid:" + process,
                      .enter_path = "/proc/" + process + "/ns/net",
                      .pid = pid});
  }
  return hidden;
}

void add_named(const base::Files& files, ById& found) {
  for (const std::string folder : kNameFolders) {
    const auto names = files.list(folder);
    if (!names) continue;
    for (const auto& name : *names) {
      const auto path = folder + "/" + name;
      const auto inode = files.inode(path);
      if (!inode || *inode < kFirstNamespace) continue;
      auto& place = entry(found, std::to_string(*inode));
      if (place.name.empty()) place.name = name;
      place.enter_path = path;
    }
  }
}

// That of pid 1; where that may not be read, our own, unless that is known to be another one.
std::optional<model::Inode> initial_namespace(const base::Files& files) {
  const bool elsewhere = number_of_files(files, "1") != number_of_files(files, "thread-self");
  for (const auto* path : {"/proc/1/ns/net", "/proc/self/ns/net"}) {
    const auto target = files.link_target(path);
    if (!target && elsewhere) return {};
    if (!target) continue;
    if (const auto id = inode_of_link(*target)) return id;
  }
  return {};
}

std::string unknown_selector(const std::string& selector) {
  return "network namespace '" + selector + "' does not exist";
}

// "" where the selector is a name. Error: a process that we may not look at.
base::Result<model::Inode> id_of_selector(const base::Files& files, const std::string& selector) {
  if (selector.starts_with("inode:")) return selector.substr(6);
  if (!base::parse_number(selector)) return model::Inode();
  const auto target = files.link_target("/proc/" + selector + "/ns/net");
  if (target) return inode_of_link(*target).value_or("");
  if (!base::is_refusal(target.error())) return model::Inode();
  return base::failure("the network namespace of process " + selector + " may not be read",
                       "CAP_SYS_PTRACE");
}

}  // namespace

base::Result<NamespaceList> list_namespaces(const base::Files& files) {
  const auto names = TRY(files.list("/proc"));
  ById found;
  NamespaceList list;
  const auto refused = add_processes(files, names, found);
  list.hidden = hidden_namespaces(files, refused, found);
  list.complete = std::ranges::find(names, "1") != names.end();
  add_named(files, found);
  if (const auto initial = initial_namespace(files)) {
    auto& place = entry(found, *initial);
    place.is_init = true;
    if (place.name.empty()) place.name = "init";
    if (place.enter_path.empty()) place.enter_path = "/proc/self/ns/net";
  }
  for (auto& [id, place] : found) list.namespaces.push_back(std::move(place));
  ContainerNames container_names(files);
  for (auto* places : {&list.namespaces, &list.hidden}) {
    for (auto& place : *places) {
      if (place.pid != 0 && !place.is_init) name_by_process(files, container_names, place);
    }
  }
  std::ranges::sort(list.namespaces, {}, [](const Namespace& place) {
    return std::pair(!place.is_init, base::parse_number(place.id).value_or(0));
  });
  return list;
}

base::Result<std::set<model::Inode>> resolve_selectors(const base::Files& files,
                                                       const std::vector<Namespace>& namespaces,
                                                       const std::vector<std::string>& selectors) {
  std::set<model::Inode> ids;
  for (const auto& selector : selectors) {
    const auto wanted = TRY(id_of_selector(files, selector));
    const auto found = std::ranges::find_if(namespaces, [&](const Namespace& place) {
      const bool named = !selector.empty() && place.name == selector;
      return wanted.empty() ? named : place.id == wanted;
    });
    if (found == namespaces.end()) {
      return base::failure(unknown_selector(selector),
                           "`ip netns list` shows the named ones; a process id or inode:N will do");
    }
    ids.insert(found->id);
  }
  return ids;
}

}  // namespace host
