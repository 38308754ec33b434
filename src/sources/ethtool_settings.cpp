// One dump of each kind for all devices of the namespace; the table of RSS, what its hash takes in,
// and the driver's name by ioctl, where older kernels have them, too.
#include "sources/ethtool_settings.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/generic_netlink.h"
#include "base/text.h"
#include "host/ethtool.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

// ETHTOOL_A_*_HEADER has the same number in all messages that are used here.
constexpr int kHeader = ETHTOOL_A_LINKMODES_HEADER;
static_assert(kHeader == ETHTOOL_A_CHANNELS_HEADER && kHeader == ETHTOOL_A_COALESCE_HEADER &&
              kHeader == ETHTOOL_A_PAUSE_HEADER && kHeader == ETHTOOL_A_FEATURES_HEADER);

// struct ethtool_rxfh without its open end.
struct RssHead {
  std::uint32_t command = ETHTOOL_GRSSH;
  std::uint32_t context = 0;
  std::uint32_t table_entries = 0;
  std::uint32_t key_bytes = 0;
  std::uint8_t rest[8] = {};
};
static_assert(sizeof(RssHead) == offsetof(ethtool_rxfh, rss_config));

enum class Form : std::uint8_t { kNumber, kSwitch };

struct Field {
  int attribute;
  std::string_view setting;
  Form form = Form::kNumber;
};

constexpr auto kChannels =
    std::to_array<Field>({{ETHTOOL_A_CHANNELS_RX_MAX, "ethtool.channels.rx_max"},
                          {ETHTOOL_A_CHANNELS_TX_MAX, "ethtool.channels.tx_max"},
                          {ETHTOOL_A_CHANNELS_OTHER_MAX, "ethtool.channels.other_max"},
                          {ETHTOOL_A_CHANNELS_COMBINED_MAX, "ethtool.channels.combined_max"},
                          {ETHTOOL_A_CHANNELS_RX_COUNT, "ethtool.channels.rx"},
                          {ETHTOOL_A_CHANNELS_TX_COUNT, "ethtool.channels.tx"},
                          {ETHTOOL_A_CHANNELS_OTHER_COUNT, "ethtool.channels.other"},
                          {ETHTOOL_A_CHANNELS_COMBINED_COUNT, "ethtool.channels.combined"}});

constexpr auto kCoalescing = std::to_array<Field>(
    {{ETHTOOL_A_COALESCE_RX_USECS, "ethtool.coalesce.rx-usecs"},
     {ETHTOOL_A_COALESCE_RX_MAX_FRAMES, "ethtool.coalesce.rx-frames"},
     {ETHTOOL_A_COALESCE_RX_USECS_IRQ, "ethtool.coalesce.rx-usecs-irq"},
     {ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ, "ethtool.coalesce.rx-frames-irq"},
     {ETHTOOL_A_COALESCE_TX_USECS, "ethtool.coalesce.tx-usecs"},
     {ETHTOOL_A_COALESCE_TX_MAX_FRAMES, "ethtool.coalesce.tx-frames"},
     {ETHTOOL_A_COALESCE_TX_USECS_IRQ, "ethtool.coalesce.tx-usecs-irq"},
     {ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ, "ethtool.coalesce.tx-frames-irq"},
     {ETHTOOL_A_COALESCE_STATS_BLOCK_USECS, "ethtool.coalesce.stats-block-usecs"},
     {ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX, "ethtool.coalesce.adaptive-rx", Form::kSwitch},
     {ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX, "ethtool.coalesce.adaptive-tx", Form::kSwitch},
     {ETHTOOL_A_COALESCE_USE_CQE_MODE_TX, "ethtool.coalesce.cqe-mode-tx", Form::kSwitch},
     {ETHTOOL_A_COALESCE_USE_CQE_MODE_RX, "ethtool.coalesce.cqe-mode-rx", Form::kSwitch}});

constexpr auto kPause =
    std::to_array<Field>({{ETHTOOL_A_PAUSE_AUTONEG, "ethtool.pause.autoneg", Form::kSwitch},
                          {ETHTOOL_A_PAUSE_RX, "ethtool.pause.rx", Form::kSwitch},
                          {ETHTOOL_A_PAUSE_TX, "ethtool.pause.tx", Form::kSwitch}});

std::string labels_of(Bytes answer, const model::Inode& netns) {
  const auto name = host::ethtool_device(answer, kHeader);
  return name ? model::counter_id("", {{"dev", *name}, {"netns", netns}}) : "";
}

// A number of 8 or 32 bits.
std::optional<std::uint32_t> small_number(Bytes answer, int type) {
  const auto content = base::attribute(answer, type);
  if (!content || content->empty()) return {};
  if (content->size() < sizeof(std::uint32_t)) return std::to_integer<std::uint32_t>((*content)[0]);
  return base::read_plain<std::uint32_t>(*content);
}

void tell_fields(Bytes answer, std::span<const Field> fields, const model::Inode& netns,
                 Look& look) {
  const auto labels = labels_of(answer, netns);
  if (labels.empty()) return;
  for (const auto& [type, setting, form] : fields) {
    const auto value = small_number(answer, type);
    if (!value) continue;
    const std::string state = *value != 0 ? "on" : "off";
    look.settings[std::string(setting).append(labels)] =
        form == Form::kSwitch ? state : std::to_string(*value);
  }
}

// Names of the bits that are set in a compact set.
std::vector<std::string> names_in(Bytes set, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  const auto value = base::attribute(set, ETHTOOL_A_BITSET_VALUE);
  if (!value) return found;
  for (std::size_t at = 0; at < names.size(); ++at) {
    const auto word =
        value->size() >= (at / 32 + 1) * sizeof(std::uint32_t)
            ? base::read_plain<std::uint32_t>(value->subspan(at / 32 * sizeof(std::uint32_t)))
            : std::nullopt;
    if (word && (*word >> (at % 32) & 1) != 0 && !names[at].empty()) found.push_back(names[at]);
  }
  return found;
}

class Netlink {
 public:
  Netlink(const Access& access, base::GenericFamily family, Look& look)
      : access_(access), family_(std::move(family)), look_(look) {}

  // What a kernel does not know it refuses: then there is nothing to tell.
  void tell(std::uint8_t command,
            const std::function<void(Bytes, const model::Inode&, Look&)>& parse) const {
    const auto answers =
        base::generic_dump(access_.netlink, family_,
                           base::GenericRequest(command).add_nested(
                               kHeader, host::ethtool_header(ETHTOOL_FLAG_COMPACT_BITSETS)));
    if (!answers) return;
    for (const auto& answer : *answers) parse(answer, access_.netns, look_);
  }

  [[nodiscard]] std::vector<std::string> feature_names() const {
    base::GenericRequest set(0);
    set.add(ETHTOOL_A_STRINGSET_ID, static_cast<std::uint32_t>(ETH_SS_FEATURES));
    base::GenericRequest sets(0);
    sets.add_nested(ETHTOOL_A_STRINGSETS_STRINGSET, set);
    base::GenericRequest request(ETHTOOL_MSG_STRSET_GET);
    request.add_nested(ETHTOOL_A_STRSET_HEADER, base::GenericRequest(0));  // of no device
    request.add_nested(ETHTOOL_A_STRSET_STRINGSETS, sets);
    std::vector<std::string> names;
    (void)access_.netlink.request(
        NETLINK_GENERIC, family_.id, 0, request.bytes(), [&](const base::NetlinkMessage& message) {
          names = parse_string_set(base::attributes_after(message.payload, sizeof(genlmsghdr)));
        });
    return names;
  }

 private:
  const Access& access_;
  base::GenericFamily family_;
  Look& look_;
};

void read_by_netlink(const Access& access, Look& look) {
  auto family = base::find_generic_family(access.netlink, ETHTOOL_GENL_NAME);
  if (!family) return;  // before 5.6
  const Netlink netlink(access, std::move(*family), look);
  netlink.tell(ETHTOOL_MSG_LINKMODES_GET, parse_link_modes);
  netlink.tell(ETHTOOL_MSG_CHANNELS_GET, parse_channels);
  netlink.tell(ETHTOOL_MSG_COALESCE_GET, parse_coalescing);
  netlink.tell(ETHTOOL_MSG_PAUSE_GET, parse_pause);
  const auto names = netlink.feature_names();
  netlink.tell(ETHTOOL_MSG_FEATURES_GET, [&](Bytes answer, const model::Inode& netns, Look& told) {
    parse_features(answer, names, netns, told);
  });
}

void read_rss(const host::Ethtool& drivers, const std::string& device, const Access& access,
              Look& look) {
  // The first request tells the sizes, the second fills the table and the key behind it.
  RssHead sizes;
  if (!drivers.ask(device, &sizes)) return;
  constexpr std::uint32_t kMost = 1U << 16;
  if (sizes.table_entries == 0 || sizes.table_entries > kMost || sizes.key_bytes > kMost) return;
  std::vector<std::byte> answer(sizeof sizes + sizes.table_entries * sizeof(std::uint32_t) +
                                sizes.key_bytes);
  std::memcpy(answer.data(), &sizes, sizeof sizes);
  if (drivers.ask(device, answer.data())) parse_rss(answer, device, access.netns, look);
}

// What the hash that chooses a queue takes in, of each protocol.
void read_hash_fields(const host::Ethtool& drivers, const std::string& device, const Access& access,
                      Look& look) {
  struct Kind {
    std::uint32_t flow;
    std::string_view name;
  };
  constexpr auto kKinds = std::to_array<Kind>(
      {{TCP_V4_FLOW, "tcp4"}, {UDP_V4_FLOW, "udp4"}, {TCP_V6_FLOW, "tcp6"}, {UDP_V6_FLOW, "udp6"}});
  struct Part {
    std::uint64_t bit;
    std::string_view name;
  };
  constexpr auto kParts = std::to_array<Part>(
      {{RXH_IP_SRC, "src"}, {RXH_IP_DST, "dst"}, {RXH_L4_B_0_1, "sport"}, {RXH_L4_B_2_3, "dport"}});
  for (const auto& [flow, name] : kKinds) {
    ethtool_rxnfc request{};
    request.cmd = ETHTOOL_GRXFH;
    request.flow_type = flow;
    if (!drivers.ask(device, &request)) continue;
    std::string text;
    for (const auto& part : kParts) {
      if ((request.data & part.bit) == 0) continue;
      if (!text.empty()) text += ' ';
      text += part.name;
    }
    const auto id = model::counter_id(fmt::format("ethtool.rss.hash_{}", name),
                                      {{"dev", device}, {"netns", access.netns}});
    look.settings[id] = text.empty() ? "nothing" : text;
  }
}

void read_by_ioctl(const Access& access, Look& look) {
  const auto drivers = host::Ethtool::open();
  if (!drivers) return;
  for (const auto& hardware : access.hardware) {
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    if (drivers->ask(hardware.device, &info)) {
      parse_driver_info(std::as_bytes(std::span(&info, 1)), hardware.device, access.netns, look);
    }
    read_rss(*drivers, hardware.device, access, look);
    read_hash_fields(*drivers, hardware.device, access, look);
  }
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  read_by_netlink(access, look);
  read_by_ioctl(access, look);
}

std::string_view bounded_text(std::span<const char> field) {
  const std::string_view text(field.data(), field.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace

void parse_link_modes(Bytes answer, const model::Inode& netns, Look& look) {
  constexpr auto kLink =
      std::to_array<Field>({{ETHTOOL_A_LINKMODES_AUTONEG, "ethtool.link.autoneg", Form::kSwitch},
                            {ETHTOOL_A_LINKMODES_LANES, "ethtool.link.lanes"}});
  tell_fields(answer, kLink, netns, look);
  const auto labels = labels_of(answer, netns);
  if (labels.empty()) return;
  // Both are all ones where the driver does not know.
  const auto speed = small_number(answer, ETHTOOL_A_LINKMODES_SPEED);
  if (speed && *speed != 0 && *speed != static_cast<std::uint32_t>(SPEED_UNKNOWN)) {
    look.settings["ethtool.link.speed_mbps" + labels] = std::to_string(*speed);
  }
  const auto duplex = small_number(answer, ETHTOOL_A_LINKMODES_DUPLEX);
  if (duplex && (*duplex == DUPLEX_HALF || *duplex == DUPLEX_FULL)) {
    look.settings["ethtool.link.duplex" + labels] = *duplex == DUPLEX_FULL ? "full" : "half";
  }
}

void parse_channels(Bytes answer, const model::Inode& netns, Look& look) {
  tell_fields(answer, kChannels, netns, look);
}

void parse_coalescing(Bytes answer, const model::Inode& netns, Look& look) {
  tell_fields(answer, kCoalescing, netns, look);
}

void parse_pause(Bytes answer, const model::Inode& netns, Look& look) {
  tell_fields(answer, kPause, netns, look);
}

void parse_features(Bytes answer, const std::vector<std::string>& names, const model::Inode& netns,
                    Look& look) {
  const auto labels = labels_of(answer, netns);
  const auto active = base::attribute(answer, ETHTOOL_A_FEATURES_ACTIVE);
  if (labels.empty() || !active) return;
  auto on = names_in(*active, names);
  std::ranges::sort(on);
  std::string text;
  for (const auto& name : on) {
    if (!text.empty()) text += ' ';
    text += name;
  }
  look.settings["ethtool.features" + labels] = text;
}

std::vector<std::string> parse_string_set(Bytes answer) {
  std::vector<std::string> names;
  const auto sets = base::attribute(answer, ETHTOOL_A_STRSET_STRINGSETS);
  const auto set = sets ? base::attribute(*sets, ETHTOOL_A_STRINGSETS_STRINGSET) : std::nullopt;
  const auto strings = set ? base::attribute(*set, ETHTOOL_A_STRINGSET_STRINGS) : std::nullopt;
  if (!strings) return names;
  base::for_each_attribute(*strings, [&](int type, Bytes one) {
    if (type != ETHTOOL_A_STRINGS_STRING) return;
    const auto at = base::plain_attribute<std::uint32_t>(one, ETHTOOL_A_STRING_INDEX);
    const auto name = base::text_attribute(one, ETHTOOL_A_STRING_VALUE);
    constexpr std::uint32_t kMost = 1024;
    if (!at || !name || *at >= kMost) return;
    if (names.size() <= *at) names.resize(*at + 1);
    names[*at] = *name;
  });
  return names;
}

void parse_rss(Bytes answer, const std::string& device, const model::Inode& netns, Look& look) {
  const auto head = base::read_plain<RssHead>(answer);
  if (!head) return;
  const auto rest = answer.subspan(sizeof(RssHead));
  const auto table_bytes = std::size_t{head->table_entries} * sizeof(std::uint32_t);
  if (rest.size() < table_bytes || rest.size() - table_bytes < head->key_bytes) return;
  std::map<std::uint32_t, std::uint32_t> entries;
  for (std::size_t at = 0; at < table_bytes; at += sizeof(std::uint32_t)) {
    ++entries[base::read_plain<std::uint32_t>(rest.subspan(at)).value_or(0)];
  }
  std::string queues;
  for (const auto& [queue, count] : entries) {
    queues += fmt::format("{}{}:{}", queues.empty() ? "" : " ", queue, count);
  }
  std::string key;
  for (const auto byte : rest.subspan(table_bytes, head->key_bytes)) {
    key += fmt::format("{}{:02x}", key.empty() ? "" : ":", std::to_integer<unsigned>(byte));
  }
  const auto labels = model::counter_id("", {{"dev", device}, {"netns", netns}});
  if (!queues.empty()) look.settings["ethtool.rss.queues" + labels] = queues;
  if (!key.empty()) look.settings["ethtool.rss.key" + labels] = key;
}

void parse_driver_info(Bytes answer, const std::string& device, const model::Inode& netns,
                       Look& look) {
  const auto info = base::read_plain<ethtool_drvinfo>(answer);
  if (!info) return;
  const auto labels = model::counter_id("", {{"dev", device}, {"netns", netns}});
  const auto tell = [&](std::string_view setting, std::span<const char> field) {
    const auto text = base::trim(bounded_text(field));
    if (!text.empty()) look.settings[std::string(setting).append(labels)] = text;
  };
  tell("ethtool.driver", info->driver);
  tell("ethtool.driver_version", info->version);
  tell("ethtool.firmware", info->fw_version);
  tell("ethtool.bus", info->bus_info);
}

extern const Source ethtool_settings;
const Source ethtool_settings = {.name = "ethtool_settings",
                                 .scope = Scope::kNetns,
                                 .cadence = Cadence::kInventory,
                                 .read = read};

}  // namespace sources
