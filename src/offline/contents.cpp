#include "offline/contents.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>

#include "base/text.h"

namespace offline {
namespace {

// More links in a row than any path has: they lead in a circle.
constexpr int kMostLinks = 40;

using Names = std::span<const std::string_view>;

// Of /proc/net only what is small: a host's million connections are not read.
constexpr auto kOfProcNet = std::to_array<std::string_view>(
    {"dev", "snmp", "snmp6", "netstat", "softnet_stat", "sockstat", "sockstat6", "protocols", "udp",
     "udp6", "raw", "raw6", "xfrm_stat", "fib_triestat", "rt6_stats"});
constexpr auto kOfProc = std::to_array<std::string_view>(
    {"stat", "interrupts", "softirqs", "vmstat", "meminfo", "uptime", "cpuinfo", "buddyinfo"});
constexpr auto kOfReport = std::to_array<std::string_view>(
    {"etc/machine-id", "etc/os-release", "usr/lib/os-release", "whydrop-collect.txt", "netns",
     "sos_reports/manifest.json", "version.txt"});
// How the names of the commands begin whose output is read.
constexpr auto kCommands = std::to_array<std::string_view>(
    {"ethtool_-S_", "ethtool_-i_", "ethtool_-g_", "tc_-s_qdisc", "tc_-s_-d_qdisc", "ip_-s_-d_link",
     "ip_-s_-s_-d_link", "ip_-d_address", "ip_-o_addr", "nstat_-", "netstat_-W_-neopa",
     "netstat_-s", "ss_-", "sysctl_-a", "dmesg", "uname_-a", "uptime", "hostname"});

bool is_one_of(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Takes `start` off `path` where it starts with it.
bool strip(std::string_view& path, std::string_view start) {
  if (!path.starts_with(start)) return false;
  path.remove_prefix(start.size());
  return true;
}

bool is_of_proc_net(std::string_view rest) {
  return is_one_of(kOfProcNet, rest) || rest.starts_with("stat/");
}

// `rest`: behind "proc/".
bool is_of_proc(std::string_view rest) {
  if (strip(rest, "net/")) return is_of_proc_net(rest);
  if (strip(rest, "sys/")) {
    return rest.starts_with("net/") || rest == "kernel/random/boot_id" || rest == "kernel/hostname";
  }
  if (strip(rest, "pressure/")) return true;
  if (strip(rest, "irq/")) return rest.ends_with("_affinity_list");
  if (is_one_of(kOfProc, rest) || rest == "net" || rest == "self") return true;
  // "self/net/snmp", "4711/net/snmp": where /proc/net leads.
  const auto process_ends = rest.find('/');
  if (process_ends == std::string_view::npos) return false;
  rest.remove_prefix(process_ends + 1);
  return rest == "net" || (strip(rest, "net/") && is_of_proc_net(rest));
}

// The name of a file with the output of a command, "ip_netns_exec_blue_nstat_-zas" as it is.
bool is_of_commands(std::string_view name) {
  if (strip(name, "ip_netns_exec_")) {
    return std::ranges::any_of(kCommands, [&](std::string_view command) {
      return name.find("_" + std::string(command)) != std::string_view::npos;
    });
  }
  return std::ranges::any_of(kCommands,
                             [&](std::string_view command) { return name.starts_with(command); });
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// What keeping a file takes beside its text.
std::size_t cost_of(const std::string& path) {
  return 2 * path.size() + 256;
}

std::string joined(const std::deque<std::string>& parts) {
  std::string path;
  for (const auto& part : parts) path += (path.empty() ? "" : "/") + part;
  return path;
}

}  // namespace

bool is_wanted(std::string_view path) {
  if (strip(path, "namespaces/")) {
    const auto name_ends = path.find('/');
    if (name_ends == std::string_view::npos) return false;
    path.remove_prefix(name_ends + 1);
    if (path == "netns") return true;
  }
  if (strip(path, "proc/")) return is_of_proc(path);
  if (path.starts_with("sys/")) return path.find("/net/") != std::string_view::npos;
  if (path.starts_with("sos_commands/") || path.starts_with("commands/")) {
    return is_of_commands(last_part(path));
  }
  if (is_one_of(kOfReport, path)) return true;
  // A folder that somebody filled by hand: /proc/net as "net", or its files themselves.
  if (strip(path, "net/")) return is_of_proc_net(path);
  return path.find('/') == std::string_view::npos && (is_of_proc_net(path) || is_of_commands(path));
}

bool may_hold_wanted(std::string_view folder) {
  constexpr auto kTops =
      std::to_array<std::string_view>({"proc", "sys", "sos_commands", "commands", "namespaces",
                                       "etc", "usr", "sos_reports", "net", "stat"});
  const auto top = folder.substr(0, folder.find('/'));
  if (!is_one_of(kTops, top)) return false;
  if (top == "etc") return folder == "etc";
  if (top == "usr") return folder == "usr" || folder == "usr/lib";
  if (top == "sys") {
    return !folder.starts_with("sys/") || folder.starts_with("sys/devices") ||
           folder.starts_with("sys/class");
  }
  return true;
}

bool Contents::has_room_for(const std::string& path, std::uint64_t bytes) {
  if (bytes > kMostFileBytes) {
    leave_out(path, "larger than 16 MiB");
    return false;
  }
  if (bytes + cost_of(path) + bytes_ > kMostBytes) {
    leave_out(path, "the report holds more than 256 MiB of what whydrop reads");
    return false;
  }
  return true;
}

void Contents::put(const std::string& path, std::string text, std::int64_t changed_s) {
  bytes_ += text.size() + cost_of(path);
  files_[path] = {std::move(text), changed_s};
  note_of_sos(path);
}

void Contents::put_link(const std::string& path, std::string target) {
  if (target.size() > kMostPathBytes || !has_room_for(path, target.size())) return;
  bytes_ += target.size() + cost_of(path);
  links_[path] = std::move(target);
}

void Contents::leave_out(std::string path, std::string why) {
  constexpr std::size_t kMostNamed = 4;
  auto& row = left_out_[std::move(why)];
  if (++row.count <= kMostNamed) row.first.push_back(std::move(path));
}

void Contents::enter_only_folder() {
  std::string_view folder;
  for (const auto& [path, file] : files_) {
    const auto end = path.find('/');
    if (end == std::string::npos) return;
    const auto top = std::string_view(path).substr(0, end + 1);
    if (!folder.empty() && folder != top) return;
    folder = top;
  }
  // "proc" alone is no folder to enter: it is the report.
  if (folder.empty() || may_hold_wanted(folder.substr(0, folder.size() - 1))) return;
  const auto cut = folder.size();
  const std::string prefix(folder);
  const auto enter = [&](auto& table) {
    auto old = std::move(table);
    table.clear();
    for (auto& [path, value] : old) {
      if (path.starts_with(prefix)) table[path.substr(cut)] = std::move(value);
    }
  };
  enter(files_);
  enter(links_);
  of_sos_.clear();
  for (const auto& [path, file] : files_) note_of_sos(path);
  // A hard link names its other end from the archive's top on.
  for (auto& [path, target] : links_) {
    if (target.starts_with("/" + prefix)) target.erase(1, prefix.size());
  }
}

std::string Contents::resolved(std::string_view path) const {
  std::deque<std::string> ahead;
  for (const auto part : base::split(path, '/')) ahead.emplace_back(part);
  std::deque<std::string> done;
  int links = 0;
  while (!ahead.empty()) {
    const auto part = std::move(ahead.front());
    ahead.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!done.empty()) done.pop_back();
      continue;
    }
    done.push_back(part);
    const auto link = links_.find(joined(done));
    if (link == links_.end()) continue;
    if (++links > kMostLinks) return "";
    done.pop_back();
    if (link->second.starts_with('/')) done.clear();
    const auto parts = base::split(link->second, '/');
    ahead.insert(ahead.begin(), parts.begin(), parts.end());
  }
  return joined(done);
}

const Contents::File* Contents::find(std::string_view path) const {
  const auto found = files_.find(resolved(path));
  return found == files_.end() ? nullptr : &found->second;
}

void Contents::note_of_sos(const std::string& path) {
  if (path.starts_with("sos_commands/")) of_sos_.try_emplace(std::string(last_part(path)), path);
}

const Contents::File* Contents::find_of_sos(const std::string& name) const {
  const auto found = of_sos_.find(name);
  return found == of_sos_.end() ? nullptr : find(found->second);
}

std::set<std::string> Contents::names_in(std::string_view folder) const {
  std::set<std::string> names;
  const auto inside = resolved(folder);
  const auto prefix = inside.empty() ? inside : inside + '/';
  const auto take = [&](const auto& table) {
    for (auto at = table.lower_bound(prefix); at != table.end(); ++at) {
      if (!at->first.starts_with(prefix)) break;
      const auto rest = std::string_view(at->first).substr(prefix.size());
      names.emplace(rest.substr(0, rest.find('/')));
    }
  };
  take(files_);
  take(links_);
  return names;
}

base::Result<std::string> ReportFiles::read(const std::string& path) const {
  const auto* file = contents_.find(path);
  if (file == nullptr) return base::failure("the report has no " + path);
  return file->text;
}

base::Result<std::vector<std::string>> ReportFiles::list(const std::string& path) const {
  const auto names = contents_.names_in(path);
  if (names.empty()) return base::failure("the report has no " + path);
  return std::vector<std::string>(names.begin(), names.end());
}

base::Result<std::string> ReportFiles::link_target(const std::string& path) const {
  return base::failure("the report has no link " + path);
}

base::Result<unsigned long> ReportFiles::inode(const std::string& path) const {
  return base::failure("the report has no inode of " + path);
}

}  // namespace offline
