#include "offline/places.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/hash.h"
#include "base/text.h"

namespace offline {
namespace {

constexpr std::string_view kExec = "ip_netns_exec_";

// Above all inode numbers of namespaces, and the same in each report of a host.
model::Inode number_of_ours(std::string_view name) {
  constexpr std::uint64_t kAbove = 1ULL << 40;
  return std::to_string(kAbove + base::Fnv1a().add(name).value() % kAbove);
}

// "net:[4026531840]" -> "4026531840".
model::Inode inode_in(const Contents& contents, const std::string& path, std::string_view name) {
  const auto* file = contents.find(path);
  if (file == nullptr) return number_of_ours(name);
  auto text = base::trim(file->text);
  if (text.starts_with("net:[") && text.ends_with(']')) text = text.substr(5, text.size() - 6);
  return base::parse_number(text) ? std::string(text) : number_of_ours(name);
}

// Of the report's own namespace; "" where the report has none of the kernel's files.
std::string own_proc_net(const Contents& contents) {
  for (const std::string folder : {"/proc/net", "/net", ""}) {
    for (const std::string_view file : {"snmp", "netstat", "softnet_stat", "dev"}) {
      if (contents.find(folder + "/" + std::string(file)) != nullptr) return folder;
    }
  }
  return "";
}

bool prints_own(const Contents& contents) {
  return std::ranges::any_of(contents.files(), [](const auto& entry) {
    return entry.first.starts_with("sos_commands/networking/") ||
           entry.first.starts_with("commands/");
  });
}

// The names of the namespaces in which sos ran commands. A name may hold "_", so where only a long
// file name tells it, it is what stands before the name of a command.
std::set<std::string> namespaces_of_sos(const Contents& contents) {
  std::set<std::string> names;
  for (const auto& [path, file] : contents.files()) {
    const auto name = std::string_view(path).substr(path.rfind('/') + 1);
    if (!name.starts_with(kExec)) continue;
    const auto rest = name.substr(kExec.size());
    for (const std::string_view command :
         {"_ethtool_", "_nstat_-", "_netstat_-", "_ip_-", "_sysctl_-a", "_ss_-", "_tc_-s"}) {
      const auto end = rest.find(command);
      if (end == std::string_view::npos || end == 0) continue;
      names.emplace(rest.substr(0, end));
      break;
    }
  }
  return names;
}

const std::string* text_at(const Contents& contents, const std::string& path) {
  const auto* file = contents.find(path);
  return file == nullptr ? nullptr : &file->text;
}

const std::string* in_sos_commands(const Contents& contents, const std::string& name) {
  const auto* file = contents.find_of_sos(name);
  return file == nullptr ? nullptr : &file->text;
}

}  // namespace

base::Result<std::vector<Place>> find_places(const Contents& contents) {
  std::vector<Place> places;
  const auto proc_net = own_proc_net(contents);
  const bool has_own = !proc_net.empty() || contents.find("snmp") != nullptr ||
                       contents.find("netstat") != nullptr || prints_own(contents);
  if (!has_own) {
    return base::failure("it is no report: nothing of /proc/net is in it",
                         "give the folder or the archive that `sos report` or "
                         "script/collect.sh made");
  }
  places.push_back({.name = "init",
                    .id = inode_in(contents, "/netns", "init"),
                    .proc_net = proc_net,
                    .proc_sys = "/proc/sys",
                    .is_own = true});
  for (const auto& name : contents.names_in("namespaces")) {
    const auto folder = "/namespaces/" + name;
    if (inode_in(contents, folder + "/netns", name) == places.front().id) {
      // The report was made in a namespace that has a name.
      places.front().name = name;
      continue;
    }
    places.push_back({.name = name,
                      .id = inode_in(contents, folder + "/netns", name),
                      .proc_net = folder + "/proc/net",
                      .proc_sys = folder + "/proc/sys"});
  }
  for (const auto& name : namespaces_of_sos(contents)) {
    const auto folder = "/namespaces/" + name;
    places.push_back({.name = name,
                      .id = number_of_ours(name),
                      .proc_net = folder + "/proc/net",
                      .proc_sys = folder + "/proc/sys"});
  }
  return places;
}

const std::string* printed_by(const Contents& contents, const Place& place,
                              std::string_view command) {
  const auto name = as_file_name(command);
  if (!place.is_own) {
    const auto* text = text_at(contents, "/namespaces/" + place.name + "/commands/" + name);
    if (text != nullptr) return text;
    return in_sos_commands(contents, as_file_name("ip netns exec " + place.name + " ") + name);
  }
  const auto* text = text_at(contents, "/commands/" + name);
  if (text == nullptr) text = in_sos_commands(contents, name);
  return text == nullptr ? text_at(contents, "/" + name) : text;
}

const std::string* printed_by_first(const Contents& contents, const Place& place,
                                    std::span<const std::string_view> commands) {
  for (const auto command : commands) {
    if (const auto* text = printed_by(contents, place, command)) return text;
  }
  return nullptr;
}

// As sos does it: a run of other characters is one "_", and a slash is a dot.
std::string as_file_name(std::string_view command) {
  std::string name;
  bool in_run = false;
  for (const char letter : command) {
    const bool stays = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' ||
                       letter == '-' || letter == '.' || letter == '/';
    if (stays) name += letter == '/' ? '.' : letter;
    if (!stays && !in_run) name += '_';
    in_run = !stays;
  }
  return name;
}

}  // namespace offline
