#include "host/container.h"

#include <algorithm>

#include "base/text.h"

namespace host {
namespace {

constexpr size_t kIdLength = 64;  // in hexadecimal
constexpr size_t kShortLength = 12;

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
  });
}

}  // namespace

std::string cgroup_path(std::string_view proc_cgroup) {
  std::string longest;
  for (const auto line : base::lines(proc_cgroup)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const auto path = line.substr(second + 1);
    const bool unified = line.starts_with("0::");
    if (unified && path.size() > 1) return std::string(path);
    if (path.size() > longest.size()) longest = path;
  }
  return longest;
}

std::optional<std::string> container_in_path(std::string_view cgroup) {
  for (auto part : base::split(cgroup, '/')) {
    if (part.ends_with(".scope")) part.remove_suffix(6);
    // "docker-<id>.scope", "cri-containerd-<id>.scope", "libpod-<id>", or the bare id.
    const auto dash = part.rfind('-');
    if (dash != std::string_view::npos) part.remove_prefix(dash + 1);
    if (part.size() == kIdLength && is_hexadecimal(part)) return std::string(part);
  }
  return {};
}

std::string short_id(const std::string& container) {
  return container.substr(0, kShortLength);
}

std::optional<std::string> unit_in_path(std::string_view cgroup) {
  std::optional<std::string> unit;
  for (const auto part : base::split(cgroup, '/')) {
    if (part.ends_with(".service")) unit = part;
  }
  return unit;
}

std::string cgroup_of_process(const base::Files& files, std::uint32_t pid) {
  const auto text = files.read("/proc/" + std::to_string(pid) + "/cgroup");
  return text ? cgroup_path(*text) : "";
}

}  // namespace host
