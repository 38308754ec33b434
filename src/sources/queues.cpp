// sysfs shows the devices of the namespace in which it was mounted, so one is mounted for the
// asking, attached nowhere (fsopen and fsmount, since 5.2), and gone with its descriptor.
//
// The netdev family (6.8; statistics since 6.9) is younger than Debian 12's headers: the numbers
// are those of include/uapi/linux/netdev.h.
#include "sources/queues.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/generic_netlink.h"
#include "base/text.h"
#include "host/detached_mount.h"
#include "sources/receive_queues.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint8_t kQueueGet = 10;
constexpr std::uint8_t kNapiGet = 11;
constexpr std::uint8_t kStatisticsGet = 12;

constexpr int kQueueId = 1;
constexpr int kQueueDevice = 2;
constexpr int kQueueType = 3;
constexpr int kQueueNapi = 4;

constexpr int kNapiDevice = 1;
constexpr int kNapiId = 2;

constexpr int kStatisticsDevice = 1;
constexpr int kStatisticsType = 2;
constexpr int kStatisticsQueue = 3;
constexpr int kStatisticsScope = 4;
constexpr std::uint32_t kScopeQueue = 1;

constexpr std::uint32_t kTransmit = 1;  // NETDEV_QUEUE_TYPE_TX

struct Field {
  int attribute;
  std::string_view name;
};

constexpr auto kNapiFields = std::to_array<Field>({{3, "napi.irq"},
                                                   {4, "napi.thread_pid"},
                                                   {5, "napi.defer_hard_irqs"},
                                                   {6, "napi.gro_flush_timeout_ns"}});

constexpr auto kStatistics = std::to_array<Field>({{8, "qstats.rx-packets"},
                                                   {9, "qstats.rx-bytes"},
                                                   {10, "qstats.tx-packets"},
                                                   {11, "qstats.tx-bytes"},
                                                   {12, "qstats.rx-alloc-fail"},
                                                   {13, "qstats.rx-hw-drops"},
                                                   {14, "qstats.rx-hw-drop-overruns"},
                                                   {15, "qstats.rx-csum-complete"},
                                                   {16, "qstats.rx-csum-unnecessary"},
                                                   {17, "qstats.rx-csum-none"},
                                                   {18, "qstats.rx-csum-bad"},
                                                   {19, "qstats.rx-hw-gro-packets"},
                                                   {20, "qstats.rx-hw-gro-bytes"},
                                                   {21, "qstats.rx-hw-gro-wire-packets"},
                                                   {22, "qstats.rx-hw-gro-wire-bytes"},
                                                   {23, "qstats.rx-hw-drop-ratelimits"},
                                                   {24, "qstats.tx-hw-drops"},
                                                   {25, "qstats.tx-hw-drop-errors"},
                                                   {26, "qstats.tx-csum-none"},
                                                   {27, "qstats.tx-needs-csum"},
                                                   {28, "qstats.tx-hw-gso-packets"},
                                                   {29, "qstats.tx-hw-gso-bytes"},
                                                   {30, "qstats.tx-hw-gso-wire-packets"},
                                                   {31, "qstats.tx-hw-gso-wire-bytes"},
                                                   {32, "qstats.tx-hw-drop-ratelimits"},
                                                   {33, "qstats.tx-stop"},
                                                   {34, "qstats.tx-wake"}});

// A number of 32 or 64 bits ("uint" of netdev.yaml).
std::optional<std::uint64_t> number(Bytes attributes, int type) {
  const auto content = base::attribute(attributes, type);
  if (!content) return {};
  if (content->size() >= sizeof(std::uint64_t)) return base::read_plain<std::uint64_t>(*content);
  const auto narrow = base::read_plain<std::uint32_t>(*content);
  return narrow ? std::optional<std::uint64_t>(*narrow) : std::nullopt;
}

// The name of the device whose number an attribute holds; "" for one that came meanwhile.
std::string device_name(Bytes answer, int type, const Access& access) {
  const auto ifindex = number(answer, type);
  if (!ifindex) return {};
  const auto device = std::ranges::find(access.devices, *ifindex, &model::Device::ifindex);
  return device == access.devices.end() ? "" : device->name;
}

std::string queue_name(std::uint64_t type, std::uint64_t number) {
  return (type == kTransmit ? "tx-" : "rx-") + std::to_string(number);
}

struct File {
  std::string_view path;
  std::string_view name;
};

constexpr auto kTransmitSettings =
    std::to_array<File>({{"xps_cpus", "xps.cpus"},
                         {"xps_rxqs", "xps.rxqs"},
                         {"tx_maxrate", "queues.tx_maxrate_mbps"},
                         {"byte_queue_limits/limit", "bql.limit_bytes"},
                         {"byte_queue_limits/limit_max", "bql.limit_max_bytes"},
                         {"byte_queue_limits/limit_min", "bql.limit_min_bytes"},
                         {"byte_queue_limits/hold_time", "bql.hold_time_ms"}});

void read_transmit_queue(const Access& access, const std::string& folder, const std::string& labels,
                         Look& look) {
  const auto text_of = [&](std::string_view file) {
    return access.files.read(folder + "/" + std::string(file));
  };
  const auto number_of = [&](std::string_view file) -> std::optional<std::uint64_t> {
    const auto text = text_of(file);
    return text ? base::parse_number(base::trim(*text)) : std::nullopt;
  };
  if (const auto timeouts = number_of("tx_timeout")) {
    look.counters["queues.tx_timeout" + labels] = *timeouts;
  }
  if (const auto inflight = number_of("byte_queue_limits/inflight")) {
    look.gauges["bql.inflight_bytes" + labels] = *inflight;
  }
  for (const auto& [path, name] : kTransmitSettings) {
    // A device with one queue has no XPS and says so with an error.
    if (const auto text = text_of(path)) {
      look.settings[std::string(name).append(labels)] = base::trim(*text);
    }
  }
}

void read_sysfs(const Access& access, Look& look) {
  const auto sysfs = host::mount_detached("sysfs");
  if (!sysfs) return tell_blind(look, "the limits of devices' queues", sysfs.error(), {});
  read_queue_folders(access, host::path_of(*sysfs), look);
}

void read_netlink(const Access& access, Look& look) {
  if (access.hardware.empty()) return;
  const auto family = base::find_generic_family(access.netlink, "netdev");
  if (!family) return;
  const auto tell = [&](const base::GenericRequest& request,
                        void (*parse)(Bytes, const Access&, Look&)) {
    const auto answers = base::generic_dump(access.netlink, *family, request);
    if (!answers) return;
    for (const auto& answer : *answers) parse(answer, access, look);
  };
  tell(base::GenericRequest(kQueueGet), parse_queue);
  tell(base::GenericRequest(kNapiGet), parse_napi);
  tell(base::GenericRequest(kStatisticsGet).add(kStatisticsScope, kScopeQueue),
       parse_queue_statistics);
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  read_sysfs(access, look);
  read_netlink(access, look);
}

}  // namespace

void read_queue_folders(const Access& access, const std::string& sysfs, Look& look) {
  for (const auto& device : access.devices) {
    const auto folder = sysfs + "/class/net/" + device.name + "/queues";
    for (const auto& queue : access.files.list(folder).value_or(std::vector<std::string>())) {
      const auto labels =
          model::counter_id("", {{"dev", device.name}, {"netns", access.netns}, {"queue", queue}});
      const auto place = std::string(folder).append(1, '/').append(queue);
      if (queue.starts_with("tx-")) read_transmit_queue(access, place, labels, look);
      if (!queue.starts_with("rx-")) continue;
      tell_steering(access.files, place, labels, look);
      const auto entries = access.files.read(place + "/rps_flow_cnt");
      if (entries) look.settings["rps.flow_entries" + labels] = base::trim(*entries);
    }
  }
}

void parse_queue(Bytes answer, const Access& access, Look& look) {
  const auto device = device_name(answer, kQueueDevice, access);
  const auto id = number(answer, kQueueId);
  const auto type = number(answer, kQueueType);
  const auto napi = number(answer, kQueueNapi);
  if (device.empty() || !id || !type || !napi) return;
  look.settings[model::counter_id(
      "queues.napi",
      {{"dev", device}, {"netns", access.netns}, {"queue", queue_name(*type, *id)}})] =
      std::to_string(*napi);
}

void parse_napi(Bytes answer, const Access& access, Look& look) {
  const auto device = device_name(answer, kNapiDevice, access);
  const auto id = number(answer, kNapiId);
  if (device.empty() || !id) return;
  const auto napi = std::to_string(*id);
  for (const auto& [type, name] : kNapiFields) {
    const auto value = number(answer, type);
    if (!value) continue;
    look.settings[model::counter_id(
        name, {{"dev", device}, {"napi", napi}, {"netns", access.netns}})] = std::to_string(*value);
  }
}

void parse_queue_statistics(Bytes answer, const Access& access, Look& look) {
  const auto device = device_name(answer, kStatisticsDevice, access);
  const auto type = number(answer, kStatisticsType);
  const auto id = number(answer, kStatisticsQueue);
  if (device.empty() || !type || !id) return;
  const auto queue = queue_name(*type, *id);
  for (const auto& [attribute, name] : kStatistics) {
    const auto value = number(answer, attribute);
    if (!value) continue;
    look.counters[model::counter_id(
        name, {{"dev", device}, {"netns", access.netns}, {"queue", queue}})] = *value;
  }
}

extern const Source queues;
const Source queues = {
    .name = "queues", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
