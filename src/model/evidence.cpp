#include "model/evidence.h"

#include <algorithm>

#include "base/text.h"

namespace model {

bool is_since_boot(const Window& window) {
  return window.kind == "since_boot";
}

const Device* find_device(const Evidence& evidence, const Inode& netns, std::uint32_t ifindex) {
  const auto found = std::ranges::find_if(evidence.devices, [&](const Device& device) {
    return device.netns == netns && device.ifindex == ifindex;
  });
  return found == evidence.devices.end() ? nullptr : &*found;
}

const Netns* find_netns(const Evidence& evidence, const Inode& netns) {
  const auto found = std::ranges::find(evidence.netns, netns, &Netns::id);
  return found == evidence.netns.end() ? nullptr : &*found;
}

bool traced_without_places(const Evidence& evidence) {
  return !evidence.drops.rung.empty() && evidence.drops.rung != "tp_btf";
}

bool all_netns_selected(const Evidence& evidence) {
  return std::ranges::all_of(evidence.netns, &Netns::selected);
}

std::optional<std::uint64_t> number_setting(const Evidence& evidence, std::string_view id) {
  const auto found = evidence.settings.find(id);
  if (found == evidence.settings.end()) return {};
  return base::parse_number(base::trim(found->second));
}

}  // namespace model
