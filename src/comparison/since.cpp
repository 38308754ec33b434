#include "comparison/since.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "model/counter.h"

namespace comparison {
namespace {

using model::Evidence;
using model::Series;
using model::Timeline;

base::Status check(const Evidence& baseline, const std::string& name, const Evidence& now) {
  const auto refused = [&](const std::string& why, const char* hint) {
    return base::failure(fmt::format("baseline '{}' {}", name, why), hint);
  };
  if (baseline.host.id != now.host.id) {
    return refused("is of another host, " + base::printable(baseline.host.name),
                   "increments since then can be told on that host only");
  }
  if (baseline.host.boot_id != now.host.boot_id) {
    return refused("is of another boot: all counters have started again since",
                   "`whydrop diagnose --against` judges by rates, which outlive a boot");
  }
  if (baseline.timeline.at_ns.empty()) return refused("has no point in time", "save another");
  return {};
}

std::int64_t end_of(const model::Window& window) {
  return window.start_wall_ns + window.duration_ns;
}

// "snmp" of "snmp.Udp.InErrors": what one source reads.
std::string_view source_of(std::string_view id) {
  return id.substr(0, id.find('.'));
}

// Where the kernel keeps a counter: of what, in which namespace.
using Keeper = std::tuple<std::string, std::string>;

Keeper keeper_of(std::string_view id) {
  return {std::string(source_of(id)), model::counter_label(id, "netns")};
}

class Joined {
 public:
  Joined(const Evidence& baseline, const Evidence& now) : baseline_(baseline), now_(now) {
    for (const auto& [id, series] : baseline.timeline.counters) keepers_.insert(keeper_of(id));
    for (const auto& netns : baseline.netns) netns_.insert(netns.id);
    for (const auto& device : baseline.devices) {
      if (!device.vanished) devices_[{device.netns, device.name}] = device.ifindex;
    }
  }

  [[nodiscard]] Timeline timeline() const {
    Timeline joined;
    joined.add_point(0);
    joined.add_point(std::max<std::int64_t>(end_of(now_.window) - end_of(baseline_.window), 1));
    for (const auto& [id, series] : now_.timeline.counters) {
      const auto* before = baseline_.timeline.counter(id);
      const bool anew = is_new(id);
      if (before == nullptr && !anew) continue;
      Series both;
      if (anew) {
        both.born = true;
      } else {
        both.add(0, before->last());
      }
      both.add(1, series.last());
      joined.counters.emplace(id, std::move(both));
    }
    for (const auto& [id, series] : now_.timeline.gauges) {
      const auto* before = baseline_.timeline.gauge(id);
      Series both;
      if (before != nullptr) both.add(0, before->last());
      both.add(1, series.last());
      joined.gauges.emplace(id, std::move(both));
    }
    return joined;
  }

 private:
  // Whether it started from 0 since: with its namespace, with its device, or, of what the baseline
  // read there otherwise, by itself (the first ICMP message of a type).
  [[nodiscard]] bool is_new(const std::string& id) const {
    const auto netns = model::counter_label(id, "netns");
    if (!netns.empty() && !netns_.contains(netns)) return true;
    const auto device = model::counter_label(id, "dev");
    if (!device.empty() && is_another(netns, device)) return true;
    return baseline_.timeline.counter(id) == nullptr && keepers_.contains(keeper_of(id));
  }

  [[nodiscard]] bool is_another(const model::Inode& netns, const std::string& device) const {
    const auto now = std::ranges::find_if(now_.devices, [&](const model::Device& one) {
      return one.netns == netns && one.name == device && !one.vanished;
    });
    if (now == now_.devices.end()) return false;
    const auto before = devices_.find({netns, device});
    return before == devices_.end() || before->second != now->ifindex;
  }

  const Evidence& baseline_;
  const Evidence& now_;
  std::set<Keeper> keepers_;
  std::set<model::Inode> netns_;
  std::map<std::pair<model::Inode, std::string>, std::uint32_t> devices_;
};

// What each socket had dropped when the baseline ended.
void count_sockets_since(const Evidence& baseline, std::vector<model::Socket>& sockets) {
  using Key = std::tuple<model::Inode, std::uint64_t, std::uint64_t>;
  std::map<Key, std::uint64_t> before;
  for (const auto& socket : baseline.sockets) {
    before[{socket.netns, socket.cookie, socket.inode}] = socket.drops;
  }
  for (auto& socket : sockets) {
    const auto found = before.find({socket.netns, socket.cookie, socket.inode});
    socket.drops_at_start = found == before.end() ? std::nullopt : std::optional(found->second);
  }
}

void forget_the_trace(Evidence& evidence) {
  evidence.drops = {};
  evidence.kernel_messages.clear();
  evidence.window.traced_ns = 0;
  std::erase_if(evidence.blind_spots, [](const model::BlindSpot& spot) {
    return spot.what == "the place and reason of each drop";
  });
  using enum model::Stage;
  evidence.blind_spots.push_back(
      {.what = "the place and reason of each drop, and when in this time they happened",
       .why = "between the baseline and now nobody watched: only sums are known",
       .enable = "whydrop diagnose, while it happens",
       .stages = {kXdp, kTcIngress, kNetfilter, kIp, kNeighbour, kNetfilterOut}});
}

}  // namespace

base::Result<Evidence> since(const Evidence& baseline, const std::string& name, Evidence now) {
  TRY(check(baseline, name, now));
  auto timeline = Joined(baseline, now).timeline();
  if (end_of(now.window) <= end_of(baseline.window)) {
    return base::failure(fmt::format("baseline '{}' ends in the future", name),
                         "the clock was set back since");
  }
  count_sockets_since(baseline, now.sockets);
  now.timeline = std::move(timeline);
  now.window.duration_ns = now.timeline.at_ns.back();
  now.window.start_wall_ns = end_of(baseline.window);
  now.window.skew_ns = 0;
  now.window.gaps.clear();
  now.window.origin = "baseline";
  now.window.reference = name;
  forget_the_trace(now);
  return now;
}

}  // namespace comparison
