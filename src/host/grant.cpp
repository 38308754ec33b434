#include "host/grant.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace host {
namespace {

constexpr auto kBinary = "/proc/self/exe";
constexpr auto kStatus = "/proc/thread-self/status";

bool lies_on_nosuid(const char* path) {
  struct statvfs mounted{};
  return statvfs(path, &mounted) == 0 && (mounted.f_flag & ST_NOSUID) != 0;
}

bool has_no_new_privs(std::string_view status) {
  return std::ranges::any_of(base::lines(status), [](std::string_view line) {
    const auto words = base::words(line);
    return words.size() == 2 && words[0] == "NoNewPrivs:" && words[1] == "1";
  });
}

std::string setcap(const std::string& path, const CapabilityNames& names) {
  auto list = fmt::format("{}", fmt::join(names, ","));
  std::ranges::transform(list, list.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return fmt::format("setcap {}+ep {}", list, base::shell_quoted(path));
}

std::string out_of_bounds_text(const CapabilityNames& names) {
  return fmt::format(
      "{}: only what starts whydrop can give {}, for the bounding set leaves {} out (a container's "
      "--cap-add, a unit's CapabilityBoundingSet=)",
      fmt::join(names, ", "), names.size() == 1 ? "it" : "them", names.size() == 1 ? "it" : "them");
}

// "" where the capabilities of a file reach us.
std::string_view why_no_file_helps(const Standing& standing) {
  if (standing.is_root) return "setcap does not help root, which was started without these rights";
  if (standing.no_new_privs) return "setcap does not help where no_new_privs is set, as it is here";
  if (standing.is_nosuid) {
    return "setcap does not help where whydrop lies now, on a file system that is mounted nosuid: "
           "copy it to another one first";
  }
  return {};
}

}  // namespace

base::Result<Standing> read_standing(const base::Files& files) {
  const auto status = TRY(files.read(kStatus));
  return Standing{.path = TRY(files.link_target(kBinary)),
                  .held = TRY(Capabilities::read(files)),
                  .bounding = TRY(Capabilities::read_bounding(files)),
                  .is_root = geteuid() == 0,
                  .no_new_privs = has_no_new_privs(status),
                  .is_nosuid = lies_on_nosuid(kBinary)};
}

CapabilityNames capabilities_in(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  CapabilityNames names;
  for (auto at = text.find("CAP_"); at != std::string_view::npos; at = text.find("CAP_", at)) {
    const auto end = std::min(text.find_first_not_of(kLetters, at), text.size());
    names.emplace(text.substr(at, end - at));
    at = end;
  }
  return names;
}

model::Grant grant_for(const Standing& standing, std::span<const model::BlindSpot> blind_spots) {
  CapabilityNames wanted;
  for (const auto& spot : blind_spots) wanted.merge(capabilities_in(spot.enable));
  return grant_of(standing, wanted);
}

model::Grant grant_of(const Standing& standing, const CapabilityNames& wanted) {
  CapabilityNames given;
  CapabilityNames out_of_bounds;
  for (const auto& name : wanted) {
    if (standing.held.has(name)) continue;
    (standing.bounding.has(name) ? given : out_of_bounds).insert(name);
  }
  model::Grant grant;
  if (!out_of_bounds.empty()) grant.obstacle = out_of_bounds_text(out_of_bounds);
  if (given.empty()) return grant;
  if (const auto why = why_no_file_helps(standing); !why.empty()) {
    grant.obstacle += fmt::format("{}{}", grant.obstacle.empty() ? "" : "; ", why);
    return grant;
  }
  for (const auto name : used_capabilities()) {
    if (standing.held.has(name)) given.emplace(name);
  }
  grant.command = setcap(standing.path, given);
  return grant;
}

}  // namespace host
