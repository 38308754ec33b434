#include "host/owners.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "host/container.h"

namespace host {
namespace {

// "socket:[1234]" -> 1234.
std::optional<std::uint64_t> socket_inode(std::string_view target) {
  if (!target.starts_with("socket:[") || !target.ends_with(']')) return {};
  return base::parse_number(target.substr(8, target.size() - 9));
}

model::Owner owner_of(const base::Files& files, std::uint32_t pid) {
  const auto folder = "/proc/" + std::to_string(pid);
  model::Owner owner{.pid = pid};
  if (const auto comm = files.read(folder + "/comm")) owner.comm = base::trim(*comm);
  if (const auto text = files.read(folder + "/cgroup")) owner.cgroup = cgroup_path(*text);
  owner.unit = unit_in_path(owner.cgroup);
  owner.container = container_in_path(owner.cgroup).transform(short_id);
  return owner;
}

std::vector<std::uint32_t> processes(const base::Files& files) {
  std::vector<std::uint32_t> pids;
  const auto names = files.list("/proc");
  if (!names) return pids;
  for (const auto& name : *names) {
    if (const auto pid = base::parse_number<std::uint32_t>(name)) pids.push_back(*pid);
  }
  std::ranges::sort(pids);
  return pids;
}

}  // namespace

std::map<std::uint64_t, model::Owner> find_owners(const base::Files& files,
                                                  const std::set<std::uint64_t>& inodes) {
  std::map<std::uint64_t, model::Owner> owners;
  for (const auto pid : processes(files)) {
    if (owners.size() == inodes.size()) break;
    const auto folder = "/proc/" + std::to_string(pid) + "/fd";
    const auto descriptors = files.list(folder);
    if (!descriptors) continue;
    for (const auto& descriptor : *descriptors) {
      const auto target = files.link_target(folder + "/" + descriptor);
      const auto inode = target ? socket_inode(*target) : std::nullopt;
      const bool wanted = inode && inodes.contains(*inode) && !owners.contains(*inode);
      if (wanted) owners[*inode] = owner_of(files, pid);
    }
  }
  return owners;
}

}  // namespace host
