// One rtnetlink dump: the 64-bit statistics come unmixed, which /proc/net/dev does not give (its
// `drop` is rx_dropped + rx_missed_errors, its `frame` and `carrier` are sums as well;
// net/core/net-procfs.c: dev_seq_printf_stats).
#include "sources/link.h"

#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/text.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

// The fields of struct rtnl_link_stats64 in their order; kernels append (rx_nohandler 4.6,
// rx_otherhost_dropped 5.19), so what the message holds decides how many are told.
constexpr auto kFields = std::to_array<std::string_view>({
    "rx_packets",
    "tx_packets",
    "rx_bytes",
    "tx_bytes",
    "rx_errors",
    "tx_errors",
    "rx_dropped",
    "tx_dropped",
    "multicast",
    "collisions",
    "rx_length_errors",
    "rx_over_errors",
    "rx_crc_errors",
    "rx_frame_errors",
    "rx_fifo_errors",
    "rx_missed_errors",
    "tx_aborted_errors",
    "tx_carrier_errors",
    "tx_fifo_errors",
    "tx_heartbeat_errors",
    "tx_window_errors",
    "rx_compressed",
    "tx_compressed",
    "rx_nohandler",
    "rx_otherhost_dropped",
});

// As the kernel's sysfs spells them, in the order of IF_OPER_*.
constexpr auto kOperstates = std::to_array<std::string_view>(
    {"unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"});

std::string labels_of(const std::string& device, const model::Inode& netns) {
  return model::counter_id("", {{"dev", device}, {"netns", netns}});
}

std::string kind_of(const ifinfomsg& header, Bytes attributes) {
  if (const auto info = base::attribute(attributes, IFLA_LINKINFO)) {
    const auto kind = base::text_attribute(*info, IFLA_INFO_KIND);
    if (kind && !kind->empty()) return *kind;
  }
  return header.ifi_type == ARPHRD_LOOPBACK ? "loopback" : "physical";
}

std::uint32_t xdp_program_of(Bytes attributes) {
  const auto xdp = base::attribute(attributes, IFLA_XDP);
  if (!xdp) return 0;
  // With programs in several modes at once the kernel gives an id for each mode instead.
  for (const int type :
       {IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID}) {
    const auto id = base::plain_attribute<std::uint32_t>(*xdp, type);
    if (id && *id != 0) return *id;
  }
  return 0;
}

// A device and the numbers of its relatives, whose names are known only when all are read.
struct Link {
  model::Device device;
  std::string bus;     // "virtio", and
  std::string parent;  // "virtio2": the hardware behind it; "" without (and before 5.14)
  std::uint32_t master = 0;
  bool peer_is_here = false;
};

std::optional<Link> parse_link(const base::NetlinkMessage& message, const model::Inode& netns) {
  const auto header = base::read_plain<ifinfomsg>(message.payload);
  if (message.type != RTM_NEWLINK || !header || header->ifi_index <= 0) return {};
  const Bytes attributes = base::attributes_after(message.payload, sizeof(ifinfomsg));
  const auto name = base::text_attribute(attributes, IFLA_IFNAME);
  if (!name || name->empty()) return {};
  const auto number = [&](int type) {
    return base::plain_attribute<std::uint32_t>(attributes, type).value_or(0);
  };
  Link link;
  link.device = {.netns = netns,
                 .ifindex = static_cast<std::uint32_t>(header->ifi_index),
                 .name = *name,
                 .kind = kind_of(*header, attributes),
                 .mtu = number(IFLA_MTU),
                 .txqueuelen = number(IFLA_TXQLEN),
                 .xdp_program = xdp_program_of(attributes)};
  const auto state = base::plain_attribute<std::uint8_t>(attributes, IFLA_OPERSTATE);
  link.device.operstate = state && *state < kOperstates.size() ? kOperstates[*state] : "unknown";
  link.bus = base::text_attribute(attributes, IFLA_PARENT_DEV_BUS_NAME).value_or("");
  link.parent = base::text_attribute(attributes, IFLA_PARENT_DEV_NAME).value_or("");
  link.master = number(IFLA_MASTER);
  if (link.device.kind == "veth") link.device.peer_ifindex = number(IFLA_LINK);
  link.peer_is_here = !base::attribute(attributes, IFLA_LINK_NETNSID).has_value();
  return link;
}

// Tells the `names` of an array of numbers, all but those that are the same in `before`.
template <class Number>
void tell_array(Bytes numbers, Bytes before, std::span<const std::string_view> names,
                const std::string& labels, Look& look) {
  for (std::size_t at = 0; at < names.size(); ++at) {
    const std::size_t offset = at * sizeof(Number);
    if (offset + sizeof(Number) > numbers.size()) return;
    const auto now = base::read_plain<Number>(numbers.subspan(offset));
    const auto old = before.size() > offset ? base::read_plain<Number>(before.subspan(offset))
                                            : std::optional<Number>{};
    if (now == old) continue;
    std::string id = "link.";
    id.append(names[at]).append(labels);
    look.counters.insert_or_assign(std::move(id), *now);
  }
}

void tell_counters(const base::NetlinkMessage& message, const Link& link, Memory* memory,
                   Look& look) {
  const Bytes attributes = base::attributes_after(message.payload, sizeof(ifinfomsg));
  const Bytes statistics = base::attribute(attributes, IFLA_STATS64).value_or(Bytes{});
  constexpr auto kCarrier = std::to_array<std::pair<int, std::string_view>>(
      {{IFLA_CARRIER_CHANGES, "carrier_changes"},
       {IFLA_CARRIER_UP_COUNT, "carrier_up_count"},
       {IFLA_CARRIER_DOWN_COUNT, "carrier_down_count"}});
  const std::string labels = labels_of(link.device.name, link.device.netns);
  const std::string key = "link " + labels;
  const auto as_text = [](Bytes bytes) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const auto tell = [&](const std::string& part, Bytes now, auto number, auto names) {
    const std::string before = recall(memory, key + part, as_text(now));
    tell_array<decltype(number)>(now, std::as_bytes(std::span(before)), names, labels, look);
  };
  tell("", statistics, std::uint64_t{}, std::span<const std::string_view>(kFields));
  for (const auto& [type, name] : kCarrier) {
    const auto count = base::attribute(attributes, type);
    if (count) tell(std::string(name), *count, std::uint32_t{}, std::span(&name, 1));
  }
}

void name_relatives(std::vector<Link>& links) {
  std::map<std::uint32_t, std::string> names;
  for (const Link& link : links) names[link.device.ifindex] = link.device.name;
  for (Link& link : links) {
    const auto master = names.find(link.master);
    if (link.master != 0 && master != names.end()) link.device.master = master->second;
    const auto peer = names.find(link.device.peer_ifindex);
    if (link.device.peer_ifindex != 0 && link.peer_is_here && peer != names.end()) {
      link.device.peer = model::DevicePeer{.netns = link.device.netns, .name = peer->second};
    }
  }
}

void read_proc_dev(const Access& access, Look& look) {
  const std::vector<model::Stage> hidden = {model::Stage::kWire, model::Stage::kRing,
                                            model::Stage::kLink};
  const auto text = access.files.read(access.proc_net + "/dev");
  if (!text) return tell_blind(look, "network devices", text.error(), hidden);
  parse_proc_dev(*text, access.netns, look);
  tell_blind(look, "dropped and missed packets of devices in other namespaces",
             {"/proc/net/dev adds several counters up in its columns drop, frame and carrier",
              "CAP_SYS_ADMIN"},
             hidden);
}

// The driver bound to a device on a bus. sysfs shows the network devices of one namespace only, but
// the hardware of all.
std::string driver_of(const Access& access, std::string_view bus, std::string_view parent) {
  const std::string path =
      "/sys/bus/" + std::string(bus) + "/devices/" + std::string(parent) + "/driver";
  if (access.memory != nullptr) {
    const auto known = access.memory->find(path);
    if (known != access.memory->end()) return known->second;
  }
  const std::string target = access.files.link_target(path).value_or("");
  const std::string driver = target.substr(target.rfind('/') + 1);
  if (access.memory != nullptr) (*access.memory)[path] = driver;
  return driver;
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return read_proc_dev(access, look);
  const auto messages = base::dump(access.netlink, NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{});
  if (!messages) {
    return tell_blind(look, "network devices", messages.error(),
                      {model::Stage::kWire, model::Stage::kRing, model::Stage::kLink});
  }
  const auto driver = [&](std::string_view bus, std::string_view parent) {
    return driver_of(access, bus, parent);
  };
  parse_links(*messages, access.netns, driver, access.memory, look);
}

}  // namespace

base::Result<std::vector<base::NetlinkMessage>> dump_devices(const Access& access) {
  struct {
    ifinfomsg header{};
    rtattr attribute{.rta_len = RTA_LENGTH(sizeof(std::uint32_t)), .rta_type = IFLA_EXT_MASK};
    std::uint32_t mask = RTEXT_FILTER_SKIP_STATS;
  } without_statistics;
  return base::dump(access.netlink, NETLINK_ROUTE, RTM_GETLINK, without_statistics);
}

std::map<std::uint32_t, std::string> names_of_devices(
    std::span<const base::NetlinkMessage> messages) {
  std::map<std::uint32_t, std::string> names;
  for (const auto& message : messages) {
    const auto header = base::read_plain<ifinfomsg>(message.payload);
    const auto name = base::text_attribute(
        base::attributes_after(message.payload, sizeof(ifinfomsg)), IFLA_IFNAME);
    if (header && name) names[static_cast<std::uint32_t>(header->ifi_index)] = *name;
  }
  return names;
}

void parse_links(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                 const DriverOf& driver_of_hardware, Memory* memory, Look& look) {
  std::vector<Link> links;
  for (const auto& message : messages) {
    auto link = parse_link(message, netns);
    if (!link) continue;
    tell_counters(message, *link, memory, look);
    if (!link->parent.empty()) link->device.driver = driver_of_hardware(link->bus, link->parent);
    links.push_back(std::move(*link));
  }
  name_relatives(links);
  for (Link& link : links) {
    if (!link.parent.empty()) {
      look.hardware.push_back({netns, link.device.name, link.bus, link.parent});
    }
    look.devices.push_back(std::move(link.device));
  }
}

void parse_proc_dev(std::string_view text, const model::Inode& netns, Look& look) {
  // "" stands for a column that mixes several counters.
  constexpr auto kColumns = std::to_array<std::string_view>(
      {"rx_bytes", "rx_packets", "rx_errors", "", "rx_fifo_errors", "", "rx_compressed",
       "multicast", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped", "tx_fifo_errors",
       "collisions", "", "tx_compressed"});
  for (const std::string_view line : base::lines(text)) {
    // A device's name holds no colon (net/core/dev.c: dev_valid_name).
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string labels = labels_of(std::string(base::trim(line.substr(0, colon))), netns);
    const auto words = base::words(line.substr(colon + 1));
    if (words.size() != kColumns.size()) continue;
    for (std::size_t at = 0; at < kColumns.size(); ++at) {
      const auto value = base::parse_number(words[at]);
      if (kColumns[at].empty() || !value) continue;
      look.counters["link." + std::string(kColumns[at]) + labels] = *value;
    }
  }
}

// The kernel gives the peer's ifindex but names its namespace by a number that means something only
// in the namespace that was asked. Two devices that name each other, in different namespaces, are a
// pair; containers made alike make that ambiguous, and then the addresses of both ends decide.
void resolve_peers(std::vector<model::Device>& devices, const std::vector<VethEnds>& ends) {
  std::map<std::pair<model::Inode, std::uint32_t>, const VethEnds*> known;
  for (const auto& end : ends) known[{end.netns, end.ifindex}] = &end;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<model::Device*>> by_numbers;
  for (auto& device : devices) {
    const bool open = device.kind == "veth" && device.peer_ifindex != 0 && !device.peer;
    if (open) by_numbers[{device.ifindex, device.peer_ifindex}].push_back(&device);
  }
  // Whether nothing speaks against these two being one pair; `surely`: the addresses speak for it.
  // A device that vanished, or whose namespace did, has no ends to compare, so it fits everything.
  bool surely = true;
  const auto fit = [&](const model::Device* one, const model::Device* other) {
    if (one->netns == other->netns || one->peer || other->peer) return false;
    if (one->vanished != other->vanished) return false;  // they go together
    const auto a = known.find({one->netns, one->ifindex});
    const auto b = known.find({other->netns, other->ifindex});
    if (a == known.end() || b == known.end()) return !surely;
    return a->second->own == b->second->peers && a->second->peers == b->second->own;
  };
  const auto only_fit = [&](const model::Device* one, const std::vector<model::Device*>& among) {
    model::Device* found = nullptr;
    for (model::Device* other : among) {
      if (!fit(one, other)) continue;
      if (found != nullptr) return static_cast<model::Device*>(nullptr);
      found = other;
    }
    return found;
  };
  const auto join = [&](std::vector<model::Device*>& group, std::vector<model::Device*>& mirror) {
    for (model::Device* one : group) {
      model::Device* other = only_fit(one, mirror);
      if (other == nullptr || only_fit(other, group) != one) continue;
      one->peer = model::DevicePeer{.netns = other->netns, .name = other->name};
      other->peer = model::DevicePeer{.netns = one->netns, .name = one->name};
    }
  };
  for (const bool sure : {true, false}) {
    surely = sure;
    for (auto& [numbers, group] : by_numbers) {
      const auto mirror = by_numbers.find({numbers.second, numbers.first});
      if (mirror != by_numbers.end()) join(group, mirror->second);
    }
  }
}

extern const Source link;
const Source link = {
    .name = "link", .scope = Scope::kNetns, .cadence = Cadence::kEveryPoint, .read = read};

}  // namespace sources
