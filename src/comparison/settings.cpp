#include "comparison/settings.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "comparison/places.h"

namespace comparison {
namespace {

using Settings = std::map<std::string, std::string>;

// What moves by itself, and what has numbers for names.
constexpr auto kLeftOut = std::to_array<std::string_view>(
    {"bql.limit_bytes", "bpf.", "host.uptime", "link.promiscuity", "link.allmulti", "napi."});

// Most suspicious first: what people and their tools change and forget.
constexpr auto kSuspicion = std::to_array<std::string_view>({
    "qdisc.",
    "link.qdisc",
    "class.",
    "path.",
    "nft.",
    "iptables.",
    "sysctl.",
    "ethtool.ring",
    "ethtool.features",
    "ethtool.channels",
    "ethtool.coalesce",
    "ethtool.rss",
    "rps.",
    "xps.",
    "interrupts.",
    "device.",
    "link.",
    "fib",
    "ethtool.driver",
    "ethtool.firmware",
    "host.kernel",
});

std::size_t suspicion_rank(std::string_view id) {
  const auto found = std::ranges::find_if(
      kSuspicion, [&](std::string_view start) { return id.starts_with(start); });
  return static_cast<std::size_t>(found - kSuspicion.begin());
}

bool is_left_out(std::string_view id) {
  return std::ranges::any_of(kLeftOut,
                             [&](std::string_view start) { return id.starts_with(start); });
}

void add_host(const model::Host& host, Settings& settings) {
  settings["host.kernel"] = host.kernel;
  settings["host.os"] = host.os;
  settings["host.cpus"] = std::to_string(host.cpus);
  settings["host.memory_bytes"] = std::to_string(host.memory_bytes);
}

void add_devices(const model::Evidence& evidence, Settings& settings) {
  for (const auto& device : evidence.devices) {
    const auto labels = model::counter_id("", {{"dev", device.name}, {"netns", device.netns}});
    const auto add = [&](const char* what, const std::string& value) {
      settings[fmt::format("device.{}{}", what, labels)] = value;
    };
    // Made anew under its name: its counters started again.
    add("ifindex", std::to_string(device.ifindex));
    add("kind", device.kind);
    add("driver", device.driver);
    add("mtu", std::to_string(device.mtu));
    add("txqueuelen", std::to_string(device.txqueuelen));
    add("operstate", device.operstate);
    add("master", device.master);
    add("xdp", device.xdp_program == 0 ? "none" : "a program");
    std::set<std::string> addresses(device.addresses.begin(), device.addresses.end());
    add("addresses", fmt::format("{}", fmt::join(addresses, " ")));
  }
}

// The kind of each queueing discipline stands in the labels of its counters.
void add_structure(const model::Evidence& evidence, Settings& settings) {
  for (const auto& [id, series] : evidence.timeline.counters) {
    const auto name = model::counter_name(id);
    const auto label = [&, &id = id](const char* what) { return model::counter_label(id, what); };
    if (name == "qdisc.packets") {
      const auto place = model::counter_id("qdisc.kind", {{"dev", label("dev")},
                                                          {"netns", label("netns")},
                                                          {"parent", label("parent")},
                                                          {"queue", label("queue")}});
      auto& kinds = settings[place];
      kinds += (kinds.empty() ? "" : " ") + label("kind") + " " + label("handle");
    }
  }
  for (const auto& [id, series] : evidence.timeline.gauges) {
    if (id.starts_with("fib.prefixes") || id.starts_with("fib6.routes")) {
      settings[id] = std::to_string(series.last());
    }
  }
}

Settings settings_of(const model::Evidence& evidence,
                     const std::map<model::Inode, model::Inode>& namespaces) {
  Settings all(evidence.settings.begin(), evidence.settings.end());
  add_host(evidence.host, all);
  add_devices(evidence, all);
  add_structure(evidence, all);
  Settings kept;
  for (auto& [id, value] : all) {
    if (!is_left_out(id)) kept[translated(id, namespaces)] = std::move(value);
  }
  return kept;
}

// Where a value stands: in a namespace, or at a device of it.
std::string place_of(std::string_view id) {
  const auto netns = model::counter_label(id, "netns");
  const auto device = model::counter_label(id, "dev");
  return device.empty() ? netns : netns + " " + device;
}

std::set<std::string> places_in(const Settings& settings) {
  std::set<std::string> places;
  for (const auto& [id, value] : settings) places.insert(place_of(id));
  return places;
}

std::optional<std::string> value_in(const Settings& settings, const std::string& id) {
  const auto found = settings.find(id);
  return found == settings.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

SettingsCompared compare_settings(const model::Evidence& a, const model::Evidence& b,
                                  const std::map<model::Inode, model::Inode>& namespaces) {
  const auto of_a = settings_of(a, namespaces);
  const auto of_b = settings_of(b, {});
  std::set<std::string> ids;
  for (const auto& [id, value] : of_a) ids.insert(id);
  for (const auto& [id, value] : of_b) ids.insert(id);
  const auto places_a = places_in(of_a);
  const auto places_b = places_in(of_b);
  SettingsCompared outcome{.compared = ids.size()};
  for (const auto& id : ids) {
    auto before = value_in(of_a, id);
    auto after = value_in(of_b, id);
    if (before == after) continue;
    // All settings of a device that came or went have changed: the device itself says so.
    const auto place = place_of(id);
    const bool on_one_side = !places_a.contains(place) || !places_b.contains(place);
    if (on_one_side && !id.starts_with("device.kind")) continue;
    outcome.changed.push_back({id, netns_name(id, a, b), std::move(before), std::move(after)});
  }
  std::ranges::stable_sort(outcome.changed, {}, [](const model::SettingChange& change) {
    return suspicion_rank(change.id);
  });
  return outcome;
}

}  // namespace comparison
