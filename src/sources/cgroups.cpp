// Version 2 has all files of a group in one folder; version 1 has a tree for each controller. A
// group without a limit was never refused anything, and is left out.
#include "sources/cgroups.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "host/bpf_programs.h"

namespace sources {
namespace {

// More groups than this are not walked: a host with so many has a tool that watches them.
constexpr std::size_t kMostGroups = 2000;
// The names of controllers' files hold a dot; folders of groups may as well ("a.slice"), so that
// only what these name is no group.
bool is_file_of_controller(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {
      "cgroup.",  "cpu.",     "cpuacct.",  "cpuset.", "memory.",    "io.",
      "blkio.",   "pids.",    "hugetlb.",  "rdma.",   "misc.",      "devices.",
      "freezer.", "net_cls.", "net_prio.", "irq.",    "perf_event."};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         name == "tasks" || name == "notify_on_release" || name == "release_agent";
}

std::string labels_of(const std::string& path) {
  return model::counter_id("", {{"path", path}, {"shared", "host"}});
}

void tell_memory(const Access& access, const std::string& folder, const std::string& path,
                 Look& look) {
  const auto number = [&](const char* file) -> std::optional<std::uint64_t> {
    const auto text = access.files.read(folder + file);
    return text ? base::parse_number(base::trim(*text)) : std::nullopt;
  };
  const auto limit = number("/memory.max");  // "max" without one
  const auto old_limit = number("/memory.limit_in_bytes");
  constexpr std::uint64_t kNoLimit = 1ULL << 62;  // version 1 says a number near 2^63
  const auto labels = labels_of(path);
  if (limit) look.settings["cgroup.memory.max_bytes" + labels] = std::to_string(*limit);
  if (limit || access.files.read(folder + "/memory.high").value_or("max") != "max\n") {
    if (const auto events = access.files.read(folder + "/memory.events")) {
      parse_memory_events(*events, path, look);
    }
    if (const auto used = number("/memory.current")) {
      look.gauges["cgroup.memory.current_bytes" + labels] = *used;
    }
  }
  if (!old_limit || *old_limit >= kNoLimit) return;
  look.settings["cgroup.memory.max_bytes" + labels] = std::to_string(*old_limit);
  if (const auto used = number("/memory.usage_in_bytes")) {
    look.gauges["cgroup.memory.current_bytes" + labels] = *used;
  }
  if (const auto failed = number("/memory.failcnt")) {
    look.counters["cgroup.memory.failcnt" + labels] = *failed;
  }
}

// "12, 14": programs that see the packets of the group's sockets, and may drop them.
void tell_programs(const std::string& folder, const std::string& path, Look& look) {
  constexpr auto kHooks = std::to_array<std::pair<host::CgroupHook, std::string_view>>(
      {{host::CgroupHook::kIngress, "cgroup.programs.ingress"},
       {host::CgroupHook::kEgress, "cgroup.programs.egress"}});
  for (const auto& [hook, setting] : kHooks) {
    const auto ids = host::read_cgroup_programs(folder, hook);
    if (!ids || ids->empty()) continue;
    look.settings[std::string(setting).append(labels_of(path.empty() ? "/" : path))] =
        fmt::format("{}", fmt::join(*ids, ", "));
  }
}

struct Tree {
  std::string root;
  bool has_cpu = false;
  bool has_memory = false;
  bool has_programs = false;
};

std::vector<Tree> trees_of(std::string_view mounts) {
  std::vector<Tree> trees;
  for (const auto line : base::lines(mounts)) {
    const auto words = base::words(line);  // device, place, type, options, 0, 0
    if (words.size() < 4) continue;
    const bool two = words[2] == "cgroup2";
    if (!two && words[2] != "cgroup") continue;
    const auto options = base::split(words[3], ',');
    const auto has = [&](std::string_view name) {
      return two || std::ranges::find(options, name) != options.end();
    };
    Tree tree{std::string(words[1]), has("cpu"), has("memory"), two};
    if (tree.has_cpu || tree.has_memory) trees.push_back(std::move(tree));
  }
  return trees;
}

// Every group but the root, which has no limits.
void walk(const Access& access, const Tree& tree, const std::string& path,
          const std::vector<std::string>& names, std::size_t& left, Look& look) {
  if (left == 0) return;
  --left;
  const auto folder = tree.root + path;
  if (!path.empty()) {
    const auto cpu =
        tree.has_cpu ? access.files.read(folder + "/cpu.stat") : base::Result<std::string>("");
    if (cpu) parse_cpu_stat(*cpu, path, look);
    if (tree.has_memory) tell_memory(access, folder, path, look);
  }
  if (tree.has_programs) tell_programs(folder, path, look);
  for (const auto& name : names) {
    if (is_file_of_controller(name)) continue;
    const auto below = std::string(path).append(1, '/').append(name);
    const auto inside = access.files.list(tree.root + below);
    if (inside) walk(access, tree, below, *inside, left, look);
  }
}

void read(const Access& access, Look& look) {
  const auto mounts = access.files.read("/proc/self/mounts");
  if (mounts) read_groups(access, *mounts, look);
}

}  // namespace

void parse_cpu_stat(std::string_view text, const std::string& path, Look& look) {
  model::Snapshot found;
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    const auto value = words.size() == 2 ? base::parse_number(words[1]) : std::nullopt;
    if (!value) continue;
    if (words[0] == "nr_periods") found["cgroup.nr_periods"] = *value;
    if (words[0] == "nr_throttled") found["cgroup.nr_throttled"] = *value;
    if (words[0] == "throttled_usec") found["cgroup.throttled_usec"] = *value;
    constexpr std::uint64_t kNsOfUs = 1000;
    if (words[0] == "throttled_time") found["cgroup.throttled_usec"] = *value / kNsOfUs;
  }
  const auto periods = found.find("cgroup.nr_periods");
  if (periods == found.end() || periods->second == 0) return;
  for (const auto& [name, value] : found) look.counters[name + labels_of(path)] = value;
}

void parse_memory_events(std::string_view text, const std::string& path, Look& look) {
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    const auto value = words.size() == 2 ? base::parse_number(words[1]) : std::nullopt;
    if (!value) continue;
    look.counters[std::string("cgroup.memory.").append(words[0]).append(labels_of(path))] = *value;
  }
}

void read_groups(const Access& access, std::string_view mounts, Look& look) {
  std::size_t left = kMostGroups;
  for (const auto& tree : trees_of(mounts)) {
    const auto names = access.files.list(tree.root);
    if (names) walk(access, tree, "", *names, left, look);
  }
  if (left > 0) return;
  tell_blind(look, "the limits of some control groups",
             base::failure("there are more than " + std::to_string(kMostGroups)).error(), {});
}

extern const Source cgroups;
const Source cgroups = {
    .name = "cgroups", .scope = Scope::kHost, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
