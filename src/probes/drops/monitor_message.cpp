#include "probes/drops/monitor_message.h"

#include <linux/genetlink.h>
#include <linux/net_dropmon.h>

#include "base/text.h"

namespace probes::drops {
namespace {

std::uint8_t command_of(const base::NetlinkMessage& message) {
  const auto head = base::read_plain<genlmsghdr>(message.payload);
  return head ? head->cmd : 0;
}

std::span<const std::byte> attributes_of(const base::NetlinkMessage& message) {
  return base::attributes_after(message.payload, sizeof(genlmsghdr));
}

}  // namespace

std::optional<MonitoredDrop> parse_monitored_drop(const base::NetlinkMessage& message) {
  if (command_of(message) != NET_DM_CMD_PACKET_ALERT) return {};
  const auto all = attributes_of(message);
  MonitoredDrop drop;
  drop.location = base::plain_attribute<std::uint64_t>(all, NET_DM_ATTR_PC).value_or(0);
  drop.symbol = base::text_attribute(all, NET_DM_ATTR_SYMBOL).value_or("");
  drop.reason = base::text_attribute(all, NET_DM_ATTR_REASON).value_or("");
  drop.trap = base::text_attribute(all, NET_DM_ATTR_HW_TRAP_NAME).value_or("");
  drop.wall_ns = base::plain_attribute<std::int64_t>(all, NET_DM_ATTR_TIMESTAMP).value_or(0);
  drop.length_bytes = base::plain_attribute<std::uint32_t>(all, NET_DM_ATTR_ORIG_LEN).value_or(0);
  drop.protocol = base::plain_attribute<std::uint16_t>(all, NET_DM_ATTR_PROTO).value_or(0);
  drop.start = base::attribute(all, NET_DM_ATTR_PAYLOAD).value_or(std::span<const std::byte>());
  if (drop.location == 0 && drop.trap.empty()) return {};
  return drop;
}

host::Symbol parse_printed_symbol(std::string_view text) {
  host::Symbol symbol;
  const auto module = text.find(" [");
  if (module != std::string_view::npos) {
    const auto end = text.find(']', module);
    symbol.module = text.substr(module + 2, end - module - 2);
    text = text.substr(0, module);
  }
  const auto plus = text.find('+');
  symbol.name = text.substr(0, plus);
  if (plus == std::string_view::npos) return symbol;
  auto offset = text.substr(plus + 1);
  offset = offset.substr(0, offset.find('/'));
  if (offset.starts_with("0x")) offset.remove_prefix(2);
  symbol.offset = base::parse_number<std::uint64_t>(offset, 16).value_or(0);
  return symbol;
}

std::uint64_t parse_monitor_losses(const base::NetlinkMessage& message) {
  if (command_of(message) != NET_DM_CMD_STATS_NEW) return 0;
  const auto stats = base::attribute(attributes_of(message), NET_DM_ATTR_STATS);
  if (!stats) return 0;
  return base::plain_attribute<std::uint64_t>(*stats, NET_DM_ATTR_STATS_DROPPED).value_or(0);
}

}  // namespace probes::drops
