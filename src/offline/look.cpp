#include "offline/look.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "base/netlink.h"
#include "base/text.h"
#include "offline/device_text.h"
#include "offline/kernel_files.h"
#include "offline/log_text.h"
#include "offline/qdisc_text.h"
#include "offline/socket_text.h"
#include "sources/sockets.h"

namespace offline {
namespace {

using enum model::Stage;

// Nothing answers: a report is text.
class NoNetlink : public base::Netlink {
 public:
  base::Status request(
      int /*family*/, std::uint16_t /*type*/, std::uint16_t /*flags*/,
      std::span<const std::byte> /*payload*/,
      const std::function<void(const base::NetlinkMessage&)>& /*take*/) const override {
    return base::failure("a report answers no questions");
  }
};

// The sources that read nothing but files of the kernel. What they cannot read is told in words of
// ours, but for those whose own words fit a report.
constexpr auto kOfNetns =
    std::to_array<std::string_view>({"fib", "lnstat", "protocols", "snmp", "sockstat", "xfrm"});
constexpr auto kOfHost = std::to_array<std::string_view>(
    {"buddyinfo", "cpu", "interrupts", "lnstat_host", "memory", "softnet", "sysctl_host"});
constexpr auto kToldInOwnWords = std::to_array<std::string_view>({"softnet", "snmp"});

const sources::Source* source_named(std::string_view name) {
  const auto all = sources::all_sources();
  const auto found = std::ranges::find(all, name, [](const auto* source) { return source->name; });
  return found == all.end() ? nullptr : *found;
}

void read_sources(std::span<const std::string_view> names, const sources::Access& access,
                  sources::Look& look) {
  for (const auto name : names) {
    const auto* source = source_named(name);
    if (source == nullptr) continue;
    const auto told = look.blind_spots.size();
    source->read(access, look);
    if (std::ranges::find(kToldInOwnWords, name) == kToldInOwnWords.end()) {
      look.blind_spots.resize(told);
    }
  }
}

void tell_lack(std::string what, std::vector<model::Stage> stages, sources::Look& look) {
  look.blind_spots.push_back({.what = std::move(what),
                              .why = "the report does not hold it",
                              .enable = {},
                              .stages = std::move(stages)});
}

// sysfs gives the counters of a device unmixed, as netlink does.
bool read_sysfs_statistics(const Contents& contents, const model::Device& device,
                           sources::Look& look) {
  const auto folder = "/sys/class/net/" + device.name + "/statistics";
  bool found = false;
  for (const auto& name : contents.names_in(folder)) {
    const auto* file = contents.find(folder + "/" + name);
    const auto value = file == nullptr ? std::optional<std::uint64_t>()
                                       : base::parse_number(base::trim(file->text));
    if (!value) continue;
    found = true;
    look.counters[model::counter_id("link." + name,
                                    {{"dev", device.name}, {"netns", device.netns}})] = *value;
  }
  return found;
}

// The names of devices where no command printed more of them.
void devices_by_name(const Contents& contents, const Place& place, sources::Look& look) {
  std::set<std::string> names;
  if (place.is_own) names = contents.names_in("/sys/class/net");
  if (const auto* dev = contents.find(place.proc_net + "/dev"); dev != nullptr && names.empty()) {
    for (const auto line : base::lines(dev->text)) {
      const auto colon = line.find(':');
      if (colon != std::string_view::npos) names.emplace(base::trim(line.substr(0, colon)));
    }
  }
  std::uint32_t number = 0;
  for (const auto& name : names) {
    if (!is_device_name(name)) continue;
    look.devices.push_back({.netns = place.id,
                            .ifindex = ++number,
                            .name = name,
                            .kind = name == "lo" ? "loopback" : "physical"});
  }
}

void read_devices(const Contents& contents, const Place& place, sources::Look& look) {
  constexpr auto kCommands = std::to_array<std::string_view>(
      {"ip -s -s -d link", "ip -s -d link", "ip -d address", "ip -d address show"});
  const auto first = look.devices.size();
  const auto counters = look.counters.size();
  if (const auto* text = printed_by_first(contents, place, kCommands)) {
    parse_ip_link(*text, place.id, look);
  }
  const bool with_counters = look.counters.size() > counters;
  if (look.devices.size() == first) devices_by_name(contents, place, look);
  bool complete = with_counters;
  if (place.is_own) {
    for (auto at = first; at < look.devices.size(); ++at) {
      complete = read_sysfs_statistics(contents, look.devices[at], look) || complete;
    }
  }
  if (complete) return;
  const ReportFiles files(contents);
  const NoNetlink netlink;
  const sources::Access access{.files = files,
                               .netlink = netlink,
                               .netns = place.id,
                               .proc_net = place.proc_net,
                               .can_use_netlink = false};
  if (contents.find(place.proc_net + "/dev") == nullptr) {
    return tell_lack("what network devices count", {kWire, kRing, kLink, kQdisc}, look);
  }
  source_named("link")->read(access, look);
  look.blind_spots.back().what = "dropped and missed packets of devices";
  look.blind_spots.back().enable = "the output of `ip -s -s -d link` beside it";
}

void read_drivers(const Contents& contents, const Place& place, std::size_t first,
                  sources::Look& look) {
  std::vector<std::string> silent;
  for (auto at = first; at < look.devices.size(); ++at) {
    auto& device = look.devices[at];
    const auto name = device.name;
    if (const auto* text = printed_by(contents, place, "ethtool -i " + name)) {
      device.driver = parse_ethtool_driver(*text);
    }
    if (const auto* text = printed_by(contents, place, "ethtool -g " + name)) {
      parse_ethtool_rings(*text, name, place.id, look);
    }
    if (const auto* text = printed_by(contents, place, "ethtool -S " + name)) {
      parse_ethtool_statistics(*text, name, place.id, look);
    } else if (device.kind == "physical") {
      silent.push_back(name);
    }
  }
  if (silent.empty()) return;
  tell_lack("what the drivers of devices count (`ethtool -S`)", {kWire, kRing, kTxRing}, look);
}

void read_queues(const Contents& contents, const Place& place, sources::Look& look) {
  constexpr auto kCommands =
      std::to_array<std::string_view>({"tc -s -d qdisc show", "tc -s qdisc show", "tc -s qdisc"});
  const auto* text = printed_by_first(contents, place, kCommands);
  if (text == nullptr) return tell_lack("queueing disciplines", {kQdisc}, look);
  parse_tc_qdisc(*text, place.id, look);
}

void read_sockets(const Contents& contents, const Place& place, const sources::Access& access,
                  sources::Look& look) {
  const auto first = static_cast<std::ptrdiff_t>(look.sockets.size());
  const auto told = look.blind_spots.size();
  sources::read_udp_sockets(access, look);
  sources::read_raw_sockets(access, look);
  look.blind_spots.resize(told);
  if (contents.find(place.proc_net + "/udp") == nullptr) {
    tell_lack("UDP sockets and what each of them dropped", {kSocketRx}, look);
  }
  std::vector<model::Socket> ours(std::make_move_iterator(look.sockets.begin() + first),
                                  std::make_move_iterator(look.sockets.end()));
  look.sockets.resize(static_cast<std::size_t>(first));
  constexpr auto kNetstat =
      std::to_array<std::string_view>({"netstat -W -neopa", "netstat -neopa"});
  const auto* listeners = printed_by(contents, place, "ss -tlnpem");
  if (const auto* text = printed_by(contents, place, "ss -uanpem")) {
    add_printed_sockets(parse_ss(*text, place.id, "udp"), ours);
  }
  if (const auto* text = printed_by(contents, place, "ss -peaonmi")) {
    add_printed_sockets(parse_ss(*text, place.id), ours);
  } else if (listeners != nullptr) {
    add_printed_sockets(parse_ss(*listeners, place.id, "tcp"), ours);
  } else if (const auto* other = printed_by_first(contents, place, kNetstat)) {
    add_printed_sockets(parse_netstat_sockets(*other, place.id), ours);
    tell_lack("how large the buffers of sockets are and how long listeners' queues may be", {},
              look);
  } else {
    tell_lack("TCP listeners, and which process holds which socket", {kListen}, look);
  }
  std::ranges::move(ours, std::back_inserter(look.sockets));
}

void put_if_missing(const std::string& path, const std::string& text, Contents& contents) {
  if (text.empty() || contents.find(path) != nullptr) return;
  const auto inside = contents.resolved(path);
  if (contents.has_room_for(inside, text.size())) contents.put(inside, text, 0);
}

}  // namespace

void complete_files(const std::vector<Place>& places, Contents& contents) {
  constexpr auto kNstat = std::to_array<std::string_view>({"nstat -zas", "nstat -az"});
  for (const auto& place : places) {
    ProtocolFiles files;
    if (const auto* text = printed_by_first(contents, place, kNstat)) {
      files = files_of_nstat(*text);
    } else if (const auto* other = printed_by(contents, place, "netstat -s")) {
      files = files_of_netstat(*other);
    }
    put_if_missing(place.proc_net + "/snmp", files.snmp, contents);
    put_if_missing(place.proc_net + "/netstat", files.netstat, contents);
    put_if_missing(place.proc_net + "/snmp6", files.snmp6, contents);
    const auto* settings = printed_by(contents, place, "sysctl -a");
    if (settings == nullptr) continue;
    for (const auto& [path, value] : files_of_sysctl(*settings)) {
      put_if_missing(place.proc_sys + "/" + path, value, contents);
    }
  }
}

void look_at(const Contents& contents, const Place& place, sources::Look& look) {
  const ReportFiles files(contents);
  const NoNetlink netlink;
  sources::Access access{.files = files,
                         .netlink = netlink,
                         .netns = place.id,
                         .proc_net = place.proc_net,
                         .proc_sys = place.proc_sys,
                         .can_use_netlink = false};
  read_sources(kOfNetns, access, look);
  const auto first = look.devices.size();
  read_devices(contents, place, look);
  read_drivers(contents, place, first, look);
  read_queues(contents, place, look);
  read_sockets(contents, place, access, look);
  // It asks whether it stands in the namespace, for /proc/sys is the reader's: here it is the
  // report's.
  access.can_use_netlink = true;
  constexpr auto kSettings = std::to_array<std::string_view>({"sysctl"});
  read_sources(kSettings, access, look);
}

void look_at_host(const Contents& contents, const Place& own, sources::Look& look) {
  const ReportFiles files(contents);
  const NoNetlink netlink;
  const std::vector<model::Device> devices = look.devices;
  const sources::Access access{.files = files,
                               .netlink = netlink,
                               .netns = "",
                               .proc_net = own.proc_net,
                               .proc_sys = own.proc_sys,
                               .can_use_netlink = false,
                               .devices = devices};
  read_sources(kOfHost, access, look);
  if (const auto* text = printed_by(contents, own, "dmesg")) {
    std::ranges::move(parse_dmesg(*text), std::back_inserter(look.messages));
  } else {
    tell_lack("the kernel's messages", {}, look);
  }
}

}  // namespace offline
