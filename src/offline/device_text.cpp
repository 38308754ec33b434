// iproute2 prints counters below headings, and renamed and moved the columns over the years: the
// heading decides, not the column's number.
#include "offline/device_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "sources/ethtool.h"

namespace offline {
namespace {

struct Column {
  std::string_view heading;
  std::string_view counter;
};

// (ip/ipaddress.c: print_link_stats64)
constexpr auto kReceived = std::to_array<Column>({
    {"bytes", "rx_bytes"},
    {"packets", "rx_packets"},
    {"errors", "rx_errors"},
    {"dropped", "rx_dropped"},
    {"missed", "rx_missed_errors"},
    {"overrun", "rx_over_errors"},
    {"mcast", "multicast"},
    {"compressed", "rx_compressed"},
    {"length", "rx_length_errors"},
    {"crc", "rx_crc_errors"},
    {"frame", "rx_frame_errors"},
    {"fifo", "rx_fifo_errors"},
    {"nohandler", "rx_nohandler"},
    {"otherhost", "rx_otherhost_dropped"},
});
constexpr auto kSent = std::to_array<Column>({
    {"bytes", "tx_bytes"},
    {"packets", "tx_packets"},
    {"errors", "tx_errors"},
    {"dropped", "tx_dropped"},
    {"carrier", "tx_carrier_errors"},
    {"collsns", "collisions"},
    {"compressed", "tx_compressed"},
    {"aborted", "tx_aborted_errors"},
    {"fifo", "tx_fifo_errors"},
    {"window", "tx_window_errors"},
    {"heartbt", "tx_heartbeat_errors"},
    {"heartbeat", "tx_heartbeat_errors"},
    {"transns", "carrier_changes"},
});

// First words of lines that are not the kind of the device.
constexpr auto kNoKinds =
    std::to_array<std::string_view>({"inet", "inet6", "altname", "alias", "vf", "prog", "minmtu"});

std::string lowered(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::uint32_t number_after(const std::vector<std::string_view>& words, std::string_view key) {
  const auto found = std::ranges::find(words, key);
  if (found == words.end() || found + 1 == words.end()) return 0;
  return base::parse_number<std::uint32_t>(*(found + 1)).value_or(0);
}

std::string word_after(const std::vector<std::string_view>& words, std::string_view key) {
  const auto found = std::ranges::find(words, key);
  return found == words.end() || found + 1 == words.end() ? "" : std::string(*(found + 1));
}

// "2: eth0@if5: <BROADCAST,…> mtu 1500 …"
std::optional<model::Device> device_of(std::string_view line, const model::Inode& netns) {
  const auto words = base::words(line);
  if (words.size() < 3 || !words[0].ends_with(':') || !words[1].ends_with(':')) return {};
  const auto ifindex = base::parse_number<std::uint32_t>(words[0].substr(0, words[0].size() - 1));
  if (!ifindex) return {};
  const auto name = words[1].substr(0, words[1].size() - 1);
  const auto at = name.find('@');
  if (!is_device_name(name.substr(0, at))) return {};
  model::Device device{
      .netns = netns, .ifindex = *ifindex, .name = std::string(name.substr(0, at))};
  device.kind = words[2].find("LOOPBACK") == std::string_view::npos ? "physical" : "loopback";
  device.mtu = number_after(words, "mtu");
  device.txqueuelen = number_after(words, "qlen");
  device.operstate = lowered(word_after(words, "state"));
  device.master = word_after(words, "master");
  // "@if5": its other end has number 5, elsewhere; "@eth1": a device of this namespace.
  if (at == std::string_view::npos) return device;
  const auto other = name.substr(at + 1);
  const auto number = other.starts_with("if") ? base::parse_number<std::uint32_t>(other.substr(2))
                                              : std::optional<std::uint32_t>();
  if (number) {
    device.peer_ifindex = *number;
  } else if (other != "NONE") {
    device.peer = model::DevicePeer{.netns = netns, .name = std::string(other)};
  }
  return device;
}

// The kind stands alone at the start of the line below "link/ether …".
std::string kind_of(std::string_view line) {
  const auto words = base::words(line);
  if (words.empty() || words[0].ends_with("_slave") || words[0].ends_with(':')) return "";
  if (std::ranges::find(kNoKinds, words[0]) != kNoKinds.end()) return "";
  const bool is_word = std::ranges::all_of(words[0], [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
  });
  return is_word && std::isdigit(static_cast<unsigned char>(words[0][0])) == 0
             ? std::string(words[0])
             : "";
}

// "RX:  bytes packets …", "RX errors:  length …" and the numbers below.
void take_counters(std::string_view heading, std::string_view numbers, const model::Device& device,
                   sources::Look& look) {
  const bool received = base::trim(heading).starts_with("RX");
  const auto columns =
      received ? std::span<const Column>(kReceived) : std::span<const Column>(kSent);
  const auto names = base::words(heading.substr(heading.find(':') + 1));
  const auto values = base::words(numbers);
  if (names.size() != values.size()) return;
  for (std::size_t at = 0; at < names.size(); ++at) {
    const auto column = std::ranges::find(columns, names[at], &Column::heading);
    const auto value = base::parse_number(values[at]);
    if (column == columns.end() || !value) continue;
    const auto id = model::counter_id("link." + std::string(column->counter),
                                      {{"dev", device.name}, {"netns", device.netns}});
    look.counters[id] = *value;
  }
}

bool is_heading(std::string_view line) {
  const auto text = base::trim(line);
  return text.starts_with("RX:") || text.starts_with("TX:") || text.starts_with("RX errors:") ||
         text.starts_with("TX errors:");
}

// A veth pair whose ends are both here name each other; any other device names what it stands on.
void settle_peers(std::vector<model::Device>& devices, std::size_t first) {
  for (auto at = first; at < devices.size(); ++at) {
    if (devices[at].kind == "veth") continue;
    devices[at].peer.reset();
    devices[at].peer_ifindex = 0;
  }
}

}  // namespace

bool is_device_name(std::string_view name) {
  constexpr std::size_t kMostBytes = 15;
  return !name.empty() && name.size() <= kMostBytes && name != "." && name != ".." &&
         name.find_first_of("/: \t") == std::string_view::npos;
}

void parse_ip_link(std::string_view text, const model::Inode& netns, sources::Look& look) {
  const auto first = look.devices.size();
  const auto lines = base::lines(text);
  bool kind_may_follow = false;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (!lines[at].starts_with(' ')) {
      kind_may_follow = false;
      if (auto device = device_of(lines[at], netns)) look.devices.push_back(std::move(*device));
      continue;
    }
    if (look.devices.size() == first) continue;
    auto& device = look.devices.back();
    if (is_heading(lines[at])) {
      if (at + 1 < lines.size()) take_counters(lines[at], lines[at + 1], device, look);
      ++at;
    } else if (kind_may_follow) {
      kind_may_follow = false;
      if (auto kind = kind_of(lines[at]); !kind.empty()) device.kind = std::move(kind);
    } else if (base::trim(lines[at]).starts_with("link/")) {
      kind_may_follow = true;
    }
  }
  settle_peers(look.devices, first);
}

void parse_ethtool_statistics(std::string_view text, const std::string& device,
                              const model::Inode& netns, sources::Look& look) {
  std::vector<sources::DriverStatistic> statistics;
  for (auto line : base::lines(text)) {
    // ethtool sets five blanks before the driver's name, which may begin with some of its own.
    constexpr std::string_view kIndent = "     ";
    if (!line.starts_with(kIndent)) continue;
    line.remove_prefix(kIndent.size());
    const auto colon = line.rfind(": ");
    if (colon == std::string_view::npos) continue;
    const auto value = base::parse_number(base::trim(line.substr(colon + 2)));
    if (value) statistics.push_back({line.substr(0, colon), *value});
  }
  sources::tell_driver_statistics(statistics, device, netns, look);
}

std::string parse_ethtool_driver(std::string_view text) {
  constexpr std::string_view kKey = "driver: ";
  for (const auto line : base::lines(text)) {
    if (line.starts_with(kKey)) return std::string(base::trim(line.substr(kKey.size())));
  }
  return "";
}

void parse_ethtool_rings(std::string_view text, const std::string& device,
                         const model::Inode& netns, sources::Look& look) {
  const auto labels = model::counter_id("", {{"dev", device}, {"netns", netns}});
  std::string_view suffix;
  for (const auto line : base::lines(text)) {
    if (line.starts_with("Pre-set maximums")) suffix = "_max";
    if (line.starts_with("Current hardware settings")) suffix = "";
    for (const std::string_view ring : {"RX", "TX"}) {
      if (!line.starts_with(std::string(ring) + ":")) continue;
      const auto size = base::parse_number(base::trim(line.substr(ring.size() + 1)));
      if (!size || *size == 0) continue;
      look.settings["ethtool.ring." + lowered(ring) + std::string(suffix) + labels] =
          std::to_string(*size);
    }
  }
}

}  // namespace offline
