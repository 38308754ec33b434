#include "host/namespaces.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "host/container.h"

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

// The lowest pid of each namespace stands for it: it is the likeliest to live on.
bool add_processes(const base::Files& files, const std::vector<std::string>& names, ById& found) {
  std::vector<std::uint32_t> pids;
  for (const auto& name : names) {
    if (const auto pid = base::parse_number<std::uint32_t>(name)) pids.push_back(*pid);
  }
  std::ranges::sort(pids);
  // Without pid 1 /proc hides the processes of others (mount option hidepid).
  bool complete = !pids.empty() && pids.front() == 1;
  for (const auto pid : pids) {
    const auto path = "/proc/" + std::to_string(pid) + "/ns/net";
    const auto target = files.link_target(path);
    if (!target) {
      complete = complete && !base::is_refusal(target.error());
      continue;
    }
    const auto id = inode_of_link(*target);
    if (!id) continue;
    auto& place = entry(found, *id);
    if (place.pid != 0) continue;
    place.pid = pid;
    place.enter_path = path;
    place.container = container_of_process(files, pid);
  }
  return complete;
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

// That of pid 1; where that may not be read, our own.
std::optional<model::Inode> initial_namespace(const base::Files& files) {
  for (const auto* path : {"/proc/1/ns/net", "/proc/self/ns/net"}) {
    const auto target = files.link_target(path);
    if (!target) continue;
    if (const auto id = inode_of_link(*target)) return id;
  }
  return {};
}

std::string unknown_selector(const std::string& selector) {
  return "network namespace '" + selector + "' does not exist";
}

}  // namespace

base::Result<NamespaceList> list_namespaces(const base::Files& files) {
  const auto names = TRY(files.list("/proc"));
  ById found;
  NamespaceList list;
  list.complete = add_processes(files, names, found);
  add_named(files, found);
  if (const auto initial = initial_namespace(files)) {
    auto& place = entry(found, *initial);
    place.is_init = true;
    if (place.name.empty()) place.name = "init";
    if (place.enter_path.empty()) place.enter_path = "/proc/self/ns/net";
  }
  for (auto& [id, place] : found) list.namespaces.push_back(std::move(place));
  std::ranges::sort(list.namespaces, {}, [](const Namespace& place) {
    return std::pair(!place.is_init, base::parse_number(place.id).value_or(0));
  });
  return list;
}

base::Result<std::set<model::Inode>> resolve_selectors(const base::Files& files,
                                                       const std::vector<std::string>& selectors) {
  std::set<model::Inode> ids;
  if (selectors.empty()) return ids;
  const auto list = TRY(list_namespaces(files)).namespaces;
  for (const auto& selector : selectors) {
    model::Inode wanted;
    if (selector.starts_with("inode:")) {
      wanted = selector.substr(6);
    } else if (base::parse_number(selector)) {
      const auto target = files.link_target("/proc/" + selector + "/ns/net");
      if (target) wanted = inode_of_link(*target).value_or("");
    }
    const auto found = std::ranges::find_if(list, [&](const Namespace& place) {
      const bool named = !selector.empty() && place.name == selector;
      return wanted.empty() ? named : place.id == wanted;
    });
    if (found == list.end()) {
      return base::failure(unknown_selector(selector),
                           "`ip netns list` shows the named ones; a process id or inode:N will do");
    }
    ids.insert(found->id);
  }
  return ids;
}

}  // namespace host
