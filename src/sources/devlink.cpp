// A devlink device is of one namespace, and asked for there. A kernel without devlink, or a
// namespace without such hardware, has nothing to tell.
#include "sources/devlink.h"

#include <linux/devlink.h>

#include <array>
#include <string>

#include "base/generic_netlink.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

std::string device_of(Bytes answer) {
  const auto bus = base::text_attribute(answer, DEVLINK_ATTR_BUS_NAME);
  const auto name = base::text_attribute(answer, DEVLINK_ATTR_DEV_NAME);
  return bus && name ? *bus + "/" + *name : "";
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || access.hardware.empty()) return;
  const auto family = base::find_generic_family(access.netlink, DEVLINK_GENL_NAME);
  if (!family) return;
  const auto tell = [&](std::uint8_t command, void (*parse)(Bytes, const model::Inode&, Look&)) {
    const auto answers = base::generic_dump(access.netlink, *family, base::GenericRequest(command));
    if (!answers) return;
    for (const auto& answer : *answers) parse(answer, access.netns, look);
  };
  tell(DEVLINK_CMD_HEALTH_REPORTER_GET, parse_health_reporter);
  tell(DEVLINK_CMD_TRAP_GET, parse_trap);
}

}  // namespace

void parse_health_reporter(Bytes answer, const model::Inode& netns, Look& look) {
  const auto device = device_of(answer);
  const auto reporter = base::attribute(answer, DEVLINK_ATTR_HEALTH_REPORTER);
  const auto name =
      reporter ? base::text_attribute(*reporter, DEVLINK_ATTR_HEALTH_REPORTER_NAME) : std::nullopt;
  if (device.empty() || !name) return;
  const auto labels =
      model::counter_id("", {{"device", device}, {"netns", netns}, {"reporter", *name}});
  const auto tell = [&](int type, std::string_view counter) {
    const auto value = base::plain_attribute<std::uint64_t>(*reporter, type);
    if (value) look.counters[std::string(counter).append(labels)] = *value;
  };
  tell(DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, "devlink.health_errors");
  tell(DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT, "devlink.health_recoveries");
  const auto state =
      base::plain_attribute<std::uint8_t>(*reporter, DEVLINK_ATTR_HEALTH_REPORTER_STATE);
  if (!state) return;
  // DEVLINK_HEALTH_REPORTER_STATE_HEALTHY and _ERROR, which the headers leave to the drivers.
  look.settings["devlink.health_state" + labels] = *state == 0 ? "healthy" : "error";
}

void parse_trap(Bytes answer, const model::Inode& netns, Look& look) {
  const auto device = device_of(answer);
  const auto name = base::text_attribute(answer, DEVLINK_ATTR_TRAP_NAME);
  const auto statistics = base::attribute(answer, DEVLINK_ATTR_STATS);
  if (device.empty() || !name) return;
  const auto labels =
      model::counter_id("", {{"device", device}, {"netns", netns}, {"trap", *name}});
  const auto tell = [&](int type, std::string_view counter) {
    const auto value =
        statistics ? base::plain_attribute<std::uint64_t>(*statistics, type) : std::nullopt;
    if (value) look.counters[std::string(counter).append(labels)] = *value;
  };
  tell(DEVLINK_ATTR_STATS_RX_PACKETS, "devlink.trap_packets");
  tell(DEVLINK_ATTR_STATS_RX_BYTES, "devlink.trap_bytes");
  tell(DEVLINK_ATTR_STATS_RX_DROPPED, "devlink.trap_dropped");
  constexpr auto kActions = std::to_array<std::string_view>({"drop", "trap", "mirror"});
  const auto action = base::plain_attribute<std::uint8_t>(answer, DEVLINK_ATTR_TRAP_ACTION);
  if (action && *action < kActions.size()) {
    look.settings["devlink.trap_action" + labels] = kActions[*action];
  }
}

extern const Source devlink;
const Source devlink = {
    .name = "devlink", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
