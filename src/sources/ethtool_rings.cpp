#include "sources/ethtool_rings.h"

#include <linux/ethtool.h>

#include "base/netlink.h"
#include "host/ethtool.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || access.devices.empty()) return;
  const auto drivers = host::Ethtool::open();
  if (!drivers) return;
  for (const auto& device : access.devices) {
    ethtool_ringparam rings{.cmd = ETHTOOL_GRINGPARAM};
    if (!drivers->ask(device.name, &rings)) continue;
    parse_rings(std::as_bytes(std::span(&rings, 1)), device.name, access.netns, look);
  }
}

}  // namespace

void parse_rings(Bytes answer, const std::string& device, const model::Inode& netns, Look& look) {
  const auto rings = base::read_plain<ethtool_ringparam>(answer);
  if (!rings) return;
  const auto labels = model::counter_id("", {{"dev", device}, {"netns", netns}});
  const auto tell = [&](const std::string& name, std::uint32_t value) {
    // A driver without rings of its own says 0.
    if (value > 0) look.settings["ethtool.ring." + name + labels] = std::to_string(value);
  };
  tell("rx", rings->rx_pending);
  tell("rx_max", rings->rx_max_pending);
  tell("tx", rings->tx_pending);
  tell("tx_max", rings->tx_max_pending);
}

extern const Source ethtool_rings;
const Source ethtool_rings = {
    .name = "ethtool_rings", .scope = Scope::kNetns, .cadence = Cadence::kSettings, .read = read};

}  // namespace sources
