// Three requests a device: how many, numbers, and, where one changed since the last look, names. A
// driver may change the number of its statistics between them (channels are changed, an XDP program
// comes), and the kernel then writes as many as there are, not as many as were asked for
// (net/ethtool/ioctl.c: ethtool_get_strings, ethtool_get_stats): buffers have room for more, and
// what does not fit together is asked for again.
#include "sources/ethtool.h"

#include <linux/ethtool.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <set>
#include <vector>

#include "base/netlink.h"
#include "base/text.h"
#include "host/ethtool.h"
#include "sources/qdisc.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

// The kernel's structures without the open end.
struct NamesHead {
  std::uint32_t command = ETHTOOL_GSTRINGS;
  std::uint32_t set = ETH_SS_STATS;
  std::uint32_t count = 0;
};
static_assert(sizeof(NamesHead) == offsetof(ethtool_gstrings, data));

struct ValuesHead {
  std::uint32_t command = ETHTOOL_GSTATS;
  std::uint32_t count = 0;
};
static_assert(sizeof(ValuesHead) == offsetof(ethtool_stats, data));

// Names that the ids of counters could not carry.
std::string cleaned(std::string_view name) {
  std::string clean(base::trim(name));
  std::ranges::replace_if(clean, [](char c) { return c == '{' || c == '}' || c == '"'; }, '_');
  return clean;
}

std::string_view name_at(Bytes names, std::size_t at) {
  const auto field = names.subspan(at * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
  const std::string_view text(reinterpret_cast<const char*>(field.data()), field.size());
  return text.substr(0, text.find('\0'));
}

// "Tx Queue#", the number of the queue as its value (drivers/net/vmxnet3/vmxnet3_ethtool.c).
bool is_heading(std::string_view name) {
  return name.ends_with("Queue#");
}

// The labels of each statistic of one device.
class Labels {
 public:
  Labels(const std::string& device, const model::Inode& netns) : device_(device), netns_(netns) {}

  // What follows is of this queue.
  void begin_queue(std::uint64_t number) { queue_ = std::to_string(number); }

  // `raw`: the driver's name with the blanks before it, which mark what stands below a heading.
  model::CounterId id_of(std::string_view raw) {
    const std::string name = "ethtool." + cleaned(raw);
    if (!raw.starts_with(' ') || queue_.empty()) return numbered(name);
    auto id = model::counter_id(name, {{"dev", device_}, {"netns", netns_}, {"queue", queue_}});
    return told_.insert(id).second ? id : numbered(name);
  }

 private:
  model::CounterId numbered(const std::string& name) {
    auto id = model::counter_id(name, {{"dev", device_}, {"netns", netns_}});
    for (int nth = 2; !told_.insert(id).second; ++nth) {
      id = model::counter_id(name,
                             {{"dev", device_}, {"netns", netns_}, {"nth", std::to_string(nth)}});
    }
    return id;
  }

  const std::string& device_;
  const model::Inode& netns_;
  std::string queue_;
  std::set<model::CounterId> told_;
};

class Driver {
 public:
  Driver(const host::Ethtool& drivers, std::string device)
      : drivers_(drivers), device_(std::move(device)) {}

  // How many statistics it has; none where it does not say.
  [[nodiscard]] std::uint32_t count() const {
    ethtool_drvinfo info{.cmd = ETHTOOL_GDRVINFO};
    return drivers_.ask(device_, &info) ? info.n_stats : 0;
  }

  // The answer to `head`, with room behind it for what may have come meanwhile, cut to what came.
  template <class Head>
  [[nodiscard]] std::vector<std::byte> ask(Head head, std::size_t size_of_one) const {
    const std::size_t room = 2 * std::size_t{head.count} + 1024;
    std::vector<std::byte> answer(sizeof head + room * size_of_one);
    std::memcpy(answer.data(), &head, sizeof head);
    if (!drivers_.ask(device_, answer.data())) return {};
    std::memcpy(&head, answer.data(), sizeof head);
    answer.resize(sizeof head + std::min<std::size_t>(head.count, room) * size_of_one);
    return answer;
  }

 private:
  const host::Ethtool& drivers_;
  std::string device_;
};

void read_statistics(const Driver& driver, const std::string& device, const Access& access,
                     Look& look) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint32_t count = driver.count();
    if (count == 0) return;
    const auto values = driver.ask(ValuesHead{.count = count}, sizeof(std::uint64_t));
    const std::string_view now(reinterpret_cast<const char*>(values.data()), values.size());
    if (values.empty() || is_unchanged(access.memory, "ethtool " + device, now)) return;
    const auto strings = driver.ask(NamesHead{.count = count}, ETH_GSTRING_LEN);
    if (strings.empty()) return;
    if (parse_driver_statistics(strings, values, device, access.netns, look)) return;
  }
  tell_blind(look, "what the drivers of devices count",
             base::failure("their statistics came and went while they were read").error(),
             {model::Stage::kWire, model::Stage::kRing, model::Stage::kTxRing});
}

base::Status read_devices(const Access& access, Look& look) {
  const auto names = TRY(device_names(access));
  const auto drivers = TRY(host::Ethtool::open());
  for (const auto& [ifindex, name] : names) {
    read_statistics(Driver(drivers, name), name, access, look);
  }
  return {};
}

void read(const Access& access, Look& look) {
  const auto status =
      access.can_use_netlink
          ? read_devices(access, look)
          : base::failure("no right to enter the network namespace", "CAP_SYS_ADMIN");
  if (status) return;
  tell_blind(look, "what the drivers of devices count", status.error(),
             {model::Stage::kWire, model::Stage::kRing, model::Stage::kTxRing});
}

}  // namespace

bool parse_driver_statistics(Bytes strings, Bytes values, const std::string& device,
                             const model::Inode& netns, Look& look) {
  const auto heading = base::read_plain<NamesHead>(strings);
  const auto amount = base::read_plain<ValuesHead>(values);
  if (!heading || !amount || heading->count != amount->count) return false;
  const auto names = strings.subspan(sizeof(NamesHead));
  const auto numbers = values.subspan(sizeof(ValuesHead));
  if (names.size() / ETH_GSTRING_LEN < heading->count ||
      numbers.size() / sizeof(std::uint64_t) < amount->count) {
    return false;
  }
  std::vector<DriverStatistic> statistics;
  for (std::size_t at = 0; at < heading->count; ++at) {
    const auto value = base::read_plain<std::uint64_t>(numbers.subspan(at * sizeof(std::uint64_t)));
    statistics.push_back({name_at(names, at), *value});
  }
  tell_driver_statistics(statistics, device, netns, look);
  return true;
}

void tell_driver_statistics(std::span<const DriverStatistic> statistics, const std::string& device,
                            const model::Inode& netns, Look& look) {
  Labels labels(device, netns);
  for (const auto& [name, value] : statistics) {
    if (base::trim(name).empty()) continue;
    if (is_heading(name)) {
      labels.begin_queue(value);
    } else {
      look.counters[labels.id_of(name)] = value;
    }
  }
}

extern const Source ethtool;
const Source ethtool = {
    .name = "ethtool", .scope = Scope::kNetns, .cadence = Cadence::kBothEnds, .read = read};

}  // namespace sources
