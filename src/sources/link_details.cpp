// One dump of the devices without their statistics. Each kind has its own attributes, each a number
// of some width or an address (net/core/rtnetlink.c: rtnl_fill_ifinfo, and the kinds'
// fill_info functions).
#include "sources/link_details.h"

#include <arpa/inet.h>
#include <linux/if_bonding.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sources/link.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;
using Names = std::map<std::uint32_t, std::string>;

enum class Form : std::uint8_t {
  kNumber,
  kBigEndian,  // a number of 16 bits in network order: a port, a protocol
  kSwitch,     // "on", "off"
  kAddress,
  kDevice,  // an ifindex, told by its name
};

struct Field {
  int attribute;
  std::string_view setting;
  Form form = Form::kNumber;
};

constexpr auto kCommon = std::to_array<Field>({{IFLA_MTU, "link.mtu"},
                                               {IFLA_TXQLEN, "link.txqueuelen"},
                                               {IFLA_PROMISCUITY, "link.promiscuity"},
                                               {IFLA_ALLMULTI, "link.allmulti"},
                                               {IFLA_NUM_TX_QUEUES, "link.tx_queues"},
                                               {IFLA_NUM_RX_QUEUES, "link.rx_queues"},
                                               {IFLA_GSO_MAX_SIZE, "link.gso_max_size"},
                                               {IFLA_GSO_MAX_SEGS, "link.gso_max_segs"},
                                               {IFLA_GRO_MAX_SIZE, "link.gro_max_size"},
                                               {IFLA_CARRIER, "link.carrier", Form::kSwitch},
                                               {IFLA_MASTER, "link.master", Form::kDevice}});

constexpr auto kBridge =
    std::to_array<Field>({{IFLA_BR_STP_STATE, "bridge.stp", Form::kSwitch},
                          {IFLA_BR_FORWARD_DELAY, "bridge.forward_delay_cs"},
                          {IFLA_BR_AGEING_TIME, "bridge.ageing_time_cs"},
                          {IFLA_BR_VLAN_FILTERING, "bridge.vlan_filtering", Form::kSwitch},
                          {IFLA_BR_VLAN_PROTOCOL, "bridge.vlan_protocol", Form::kBigEndian},
                          {IFLA_BR_VLAN_DEFAULT_PVID, "bridge.default_pvid"},
                          {IFLA_BR_GROUP_FWD_MASK, "bridge.group_forward_mask"},
                          {IFLA_BR_MCAST_SNOOPING, "bridge.multicast_snooping", Form::kSwitch},
                          {IFLA_BR_MCAST_QUERIER, "bridge.multicast_querier", Form::kSwitch},
                          {IFLA_BR_NF_CALL_IPTABLES, "bridge.nf_call_iptables", Form::kSwitch},
                          {IFLA_BR_NF_CALL_IP6TABLES, "bridge.nf_call_ip6tables", Form::kSwitch},
                          {IFLA_BR_NF_CALL_ARPTABLES, "bridge.nf_call_arptables", Form::kSwitch}});

constexpr auto kBridgePort =
    std::to_array<Field>({{IFLA_BRPORT_COST, "bridge_port.cost"},
                          {IFLA_BRPORT_PRIORITY, "bridge_port.priority"},
                          {IFLA_BRPORT_MODE, "bridge_port.hairpin", Form::kSwitch},
                          {IFLA_BRPORT_GUARD, "bridge_port.bpdu_guard", Form::kSwitch},
                          {IFLA_BRPORT_PROTECT, "bridge_port.root_block", Form::kSwitch},
                          {IFLA_BRPORT_LEARNING, "bridge_port.learning", Form::kSwitch},
                          {IFLA_BRPORT_UNICAST_FLOOD, "bridge_port.flood", Form::kSwitch},
                          {IFLA_BRPORT_MCAST_FLOOD, "bridge_port.multicast_flood", Form::kSwitch},
                          {IFLA_BRPORT_BCAST_FLOOD, "bridge_port.broadcast_flood", Form::kSwitch},
                          {IFLA_BRPORT_ISOLATED, "bridge_port.isolated", Form::kSwitch},
                          {IFLA_BRPORT_LOCKED, "bridge_port.locked", Form::kSwitch}});

constexpr auto kVxlan =
    std::to_array<Field>({{IFLA_VXLAN_ID, "vxlan.id"},
                          {IFLA_VXLAN_GROUP, "vxlan.group", Form::kAddress},
                          {IFLA_VXLAN_GROUP6, "vxlan.group", Form::kAddress},
                          {IFLA_VXLAN_LOCAL, "vxlan.local", Form::kAddress},
                          {IFLA_VXLAN_LOCAL6, "vxlan.local", Form::kAddress},
                          {IFLA_VXLAN_LINK, "vxlan.link", Form::kDevice},
                          {IFLA_VXLAN_PORT, "vxlan.port", Form::kBigEndian},
                          {IFLA_VXLAN_TTL, "vxlan.ttl"},
                          {IFLA_VXLAN_LEARNING, "vxlan.learning", Form::kSwitch},
                          {IFLA_VXLAN_COLLECT_METADATA, "vxlan.external", Form::kSwitch}});

constexpr auto kBond =
    std::to_array<Field>({{IFLA_BOND_ACTIVE_SLAVE, "bond.active_port", Form::kDevice},
                          {IFLA_BOND_MIIMON, "bond.miimon_ms"},
                          {IFLA_BOND_UPDELAY, "bond.updelay_ms"},
                          {IFLA_BOND_DOWNDELAY, "bond.downdelay_ms"},
                          {IFLA_BOND_ALL_SLAVES_ACTIVE, "bond.all_ports_active", Form::kSwitch},
                          {IFLA_BOND_MIN_LINKS, "bond.min_links"},
                          {IFLA_BOND_XMIT_HASH_POLICY, "bond.xmit_hash_policy"},
                          {IFLA_BOND_AD_LACP_RATE, "bond.lacp_rate"}});

constexpr auto kTun =
    std::to_array<Field>({{IFLA_TUN_OWNER, "tun.owner_uid"},
                          {IFLA_TUN_GROUP, "tun.group_gid"},
                          {IFLA_TUN_PI, "tun.packet_info", Form::kSwitch},
                          {IFLA_TUN_VNET_HDR, "tun.vnet_header", Form::kSwitch},
                          {IFLA_TUN_PERSIST, "tun.persist", Form::kSwitch},
                          {IFLA_TUN_MULTI_QUEUE, "tun.multi_queue", Form::kSwitch},
                          {IFLA_TUN_NUM_QUEUES, "tun.queues"},
                          {IFLA_TUN_NUM_DISABLED_QUEUES, "tun.disabled_queues"}});

constexpr auto kVlan = std::to_array<Field>(
    {{IFLA_VLAN_ID, "vlan.id"}, {IFLA_VLAN_PROTOCOL, "vlan.protocol", Form::kBigEndian}});

constexpr auto kMacvlan = std::to_array<Field>({{IFLA_MACVLAN_MODE, "macvlan.mode"}});

struct Kind {
  std::string_view name;
  std::span<const Field> fields;
};

const auto& kinds() {
  static constexpr auto kKinds = std::to_array<Kind>({{"bond", kBond},
                                                      {"bridge", kBridge},
                                                      {"macvlan", kMacvlan},
                                                      {"macvtap", kMacvlan},
                                                      {"tun", kTun},
                                                      {"vlan", kVlan},
                                                      {"vxlan", kVxlan}});
  return kKinds;
}

std::optional<std::uint64_t> number(Bytes content) {
  switch (content.size()) {
    case sizeof(std::uint8_t):
      return std::to_integer<std::uint64_t>(content[0]);
    case sizeof(std::uint16_t):
      return base::read_plain<std::uint16_t>(content);
    case sizeof(std::uint32_t):
      return base::read_plain<std::uint32_t>(content);
    case sizeof(std::uint64_t):
      return base::read_plain<std::uint64_t>(content);
    default:
      return {};
  }
}

std::string address_text(Bytes content) {
  char text[INET6_ADDRSTRLEN] = "";
  constexpr std::size_t kIpv4 = 4;
  constexpr std::size_t kIpv6 = 16;
  if (content.size() != kIpv4 && content.size() != kIpv6) return {};
  inet_ntop(content.size() == kIpv4 ? AF_INET : AF_INET6, content.data(), text, sizeof text);
  return text;
}

// "" where it says nothing: no address, a device that is not here.
std::string text_of(Bytes content, Form form, const Names& names) {
  if (form == Form::kAddress) return address_text(content);
  const auto value = number(content);
  if (!value) return {};
  if (form == Form::kSwitch) return *value != 0 ? "on" : "off";
  if (form == Form::kBigEndian) return std::to_string(ntohs(static_cast<std::uint16_t>(*value)));
  if (form == Form::kNumber) return std::to_string(*value);
  const auto device = names.find(static_cast<std::uint32_t>(*value));
  return device == names.end() ? "" : device->second;
}

class Details {
 public:
  Details(std::string labels, const Names& names, Look& look)
      : labels_(std::move(labels)), names_(names), look_(look) {}

  void tell(Bytes attributes, std::span<const Field> fields) {
    for (const auto& [type, setting, form] : fields) {
      const auto content = base::attribute(attributes, type);
      if (content) set(setting, text_of(*content, form, names_));
    }
  }
  void set(std::string_view setting, const std::string& text) {
    if (!text.empty()) look_.settings[std::string(setting).append(labels_)] = text;
  }
  void count(std::string_view counter, std::uint64_t value) {
    look_.counters[std::string(counter).append(labels_)] = value;
  }

 private:
  std::string labels_;
  const Names& names_;
  Look& look_;
};

// One of `words` by the number that an attribute holds.
std::string word_of(Bytes attributes, int type, std::span<const std::string_view> words) {
  const auto content = base::attribute(attributes, type);
  const auto value = content ? number(*content) : std::nullopt;
  return value && *value < words.size() ? std::string(words[*value]) : "";
}

void tell_kind(Bytes info, Details& details) {
  const auto kind = base::text_attribute(info, IFLA_INFO_KIND);
  const auto data = base::attribute(info, IFLA_INFO_DATA);
  if (!kind || !data) return;
  details.set("link.kind", *kind);
  for (const auto& row : kinds()) {
    if (row.name == *kind) details.tell(*data, row.fields);
  }
  constexpr auto kBondModes =
      std::to_array<std::string_view>({"balance-rr", "active-backup", "balance-xor", "broadcast",
                                       "802.3ad", "balance-tlb", "balance-alb"});
  constexpr auto kTunTypes = std::to_array<std::string_view>({"", "tun", "tap"});
  if (*kind == "bond") details.set("bond.mode", word_of(*data, IFLA_BOND_MODE, kBondModes));
  if (*kind == "tun") details.set("tun.type", word_of(*data, IFLA_TUN_TYPE, kTunTypes));
}

void tell_port(Bytes info, Details& details) {
  const auto kind = base::text_attribute(info, IFLA_INFO_SLAVE_KIND);
  const auto data = base::attribute(info, IFLA_INFO_SLAVE_DATA);
  if (!kind || !data) return;
  constexpr auto kPortStates = std::to_array<std::string_view>(
      {"disabled", "listening", "learning", "forwarding", "blocking"});
  constexpr auto kBondStates = std::to_array<std::string_view>({"active", "backup"});
  constexpr auto kMiiStates = std::to_array<std::string_view>({"up", "fail", "down", "back"});
  if (*kind == "bridge") {
    details.tell(*data, kBridgePort);
    details.set("bridge_port.state", word_of(*data, IFLA_BRPORT_STATE, kPortStates));
  }
  if (*kind == "bond") {
    details.set("bond_port.state", word_of(*data, IFLA_BOND_SLAVE_STATE, kBondStates));
    details.set("bond_port.mii_status", word_of(*data, IFLA_BOND_SLAVE_MII_STATUS, kMiiStates));
    const auto failures =
        base::plain_attribute<std::uint32_t>(*data, IFLA_BOND_SLAVE_LINK_FAILURE_COUNT);
    if (failures) details.count("bond_port.link_failures", *failures);
  }
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  const auto messages = dump_devices(access);
  if (!messages) return tell_blind(look, "how devices are made", messages.error(), {});
  parse_link_details(*messages, access.netns, look);
}

}  // namespace

void parse_link_details(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                        Look& look) {
  const auto names = names_of_devices(messages);
  for (const auto& message : messages) {
    const auto header = base::read_plain<ifinfomsg>(message.payload);
    if (message.type != RTM_NEWLINK || !header || header->ifi_index <= 0) continue;
    const auto name = names.find(static_cast<std::uint32_t>(header->ifi_index));
    if (name == names.end() || name->second.empty()) continue;
    const auto attributes = base::attributes_after(message.payload, sizeof(ifinfomsg));
    Details details(model::counter_id("", {{"dev", name->second}, {"netns", netns}}), names, look);
    details.tell(attributes, kCommon);
    details.set("link.flags", fmt::format("{:#x}", header->ifi_flags));
    details.set("link.qdisc", base::text_attribute(attributes, IFLA_QDISC).value_or(""));
    const auto info = base::attribute(attributes, IFLA_LINKINFO);
    if (!info) continue;
    tell_kind(*info, details);
    tell_port(*info, details);
  }
}

extern const Source link_details;
const Source link_details = {
    .name = "link_details", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
