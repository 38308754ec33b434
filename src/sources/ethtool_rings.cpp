#include "sources/ethtool_rings.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/netlink.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || access.devices.empty()) return;
  const base::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return;
  for (const auto& device : access.devices) {
    ethtool_ringparam rings{.cmd = ETHTOOL_GRINGPARAM};
    ifreq request{};
    device.name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&rings);
    if (ioctl(socket.get(), SIOCETHTOOL, &request) != 0) continue;
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
