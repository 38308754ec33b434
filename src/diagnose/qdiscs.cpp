#include "diagnose/qdiscs.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace diagnose {
namespace {

using model::CounterId;
using model::Evidence;

constexpr std::string_view kDrops = "qdisc.drops{";
// Fewer looks than this at a queue could all have hit it by chance when it was full or empty.
constexpr std::uint32_t kEnoughPoints = 3;

std::string labels_of(const CounterId& id) {
  return id.substr(id.find('{'));
}

bool is_on(const CounterId& id, const model::Inode& netns, const std::string& device) {
  return model::counter_label(id, "netns") == netns && model::counter_label(id, "dev") == device;
}

// Calls `take` for each counter qdisc.drops of the device.
template <class Take>
void for_each_drops(const Evidence& evidence, const model::Inode& netns, const std::string& device,
                    Take take) {
  const auto& counters = evidence.timeline.counters;
  for (auto at = counters.lower_bound(kDrops); at != counters.end(); ++at) {
    if (!at->first.starts_with(kDrops)) return;
    if (is_on(at->first, netns, device)) take(at->first, at->second);
  }
}

// The handle of the qdisc that "1:10" is a class of: "1:". That of ":1" is "0:", mq without handle.
std::string qdisc_of_class(std::string_view parent) {
  const auto colon = parent.find(':');
  if (parent.empty() || colon == std::string_view::npos) return "";
  return colon == 0 ? "0:" : std::string(parent.substr(0, colon + 1));
}

// Many qdiscs can be called "0:" on a device, but only the root has children.
bool is_child(const CounterId& child, const std::string& parent_handle, bool parent_is_root) {
  if (parent_handle == "0:" && !parent_is_root) return false;
  return qdisc_of_class(model::counter_label(child, "parent")) == parent_handle;
}

std::optional<std::uint64_t> number(const Evidence& evidence, std::string_view name,
                                    const std::string& labels) {
  return model::number_setting(evidence, std::string(name) + labels);
}

// The id of the counter of the qdisc that has this handle, "" where there is none.
CounterId find_handle(const Evidence& evidence, const model::Inode& netns,
                      const std::string& device, const std::string& handle) {
  CounterId found;
  for_each_drops(evidence, netns, device, [&](const CounterId& id, const model::Series&) {
    if (model::counter_label(id, "handle") == handle) found = id;
  });
  return found;
}

// The rate of the qdisc, else of the class or qdisc nearest above it.
void set_rate(const Evidence& evidence, const model::Inode& netns, const std::string& device,
              Qdisc& qdisc) {
  constexpr int kDeepest = 8;  // TC_HTB_MAXDEPTH
  std::string labels = qdisc.labels;
  std::string parent = qdisc.parent;
  for (int level = 0; level < kDeepest; ++level) {
    const auto take = [&](std::string setting) {
      const auto rate = model::number_setting(evidence, setting);
      if (!rate) return false;
      qdisc.rate_bytes_per_s = rate;
      qdisc.rate_setting = std::move(setting);
      return true;
    };
    if (take("qdisc.rate_bytes_per_s" + labels)) return;
    if (parent.empty()) return;
    const auto in_class = model::counter_id("qdisc.class_ceil_bytes_per_s",
                                            {{"class", parent}, {"dev", device}, {"netns", netns}});
    if (take(in_class)) return;
    const auto above = find_handle(evidence, netns, device, qdisc_of_class(parent));
    if (above.empty()) return;
    labels = labels_of(above);
    parent = model::counter_label(above, "parent");
  }
}

}  // namespace

std::uint64_t own_drops(const Evidence& evidence, const CounterId& id) {
  const auto handle = model::counter_label(id, "handle");
  const bool is_root = model::counter_label(id, "parent").empty();
  std::uint64_t own = evidence.timeline.rise(id);
  for_each_drops(evidence, model::counter_label(id, "netns"), model::counter_label(id, "dev"),
                 [&](const CounterId& child, const model::Series& series) {
                   if (!is_child(child, handle, is_root)) return;
                   own -= std::min(own, model::increment(series).amount);
                 });
  return own;
}

std::optional<Qdisc> dropping_qdisc(const Evidence& evidence, const model::Inode& netns,
                                    const std::string& device) {
  std::optional<Qdisc> worst;
  for_each_drops(evidence, netns, device, [&](const CounterId& id, const model::Series&) {
    const auto drops = own_drops(evidence, id);
    if (drops == 0 || (worst && worst->drops >= drops)) return;
    worst = Qdisc{.labels = labels_of(id),
                  .handle = model::counter_label(id, "handle"),
                  .kind = model::counter_label(id, "kind"),
                  .parent = model::counter_label(id, "parent"),
                  .drops = drops};
  });
  if (!worst) return worst;
  worst->limit_bytes = number(evidence, "qdisc.limit_bytes", worst->labels);
  worst->limit_packets = number(evidence, "qdisc.limit_packets", worst->labels);
  set_rate(evidence, netns, device, *worst);
  return worst;
}

bool lost_to_a_dead_device(const Evidence& evidence, const model::Inode& netns,
                           const std::string& device) {
  bool counted = false;
  for_each_drops(evidence, netns, device, [&](const CounterId&, const model::Series& series) {
    counted = counted || model::increment(series).amount > 0;
  });
  if (counted) return false;
  const auto labels = model::counter_id("", {{"dev", device}, {"netns", netns}});
  if (evidence.timeline.rise("link.tx_dropped" + labels) > 0) return true;
  return std::ranges::any_of(evidence.devices, [&](const model::Device& one) {
    const bool ours = one.netns == netns && one.name == device && !one.operstate.empty();
    return ours && one.operstate != "up" && one.operstate != "unknown";
  });
}

std::optional<double> offered_bytes_per_s(const Evidence& evidence, const Qdisc& qdisc,
                                          const BurstShape& shape, std::uint64_t dropped_packets,
                                          bool only_while_dropping) {
  const auto& timeline = evidence.timeline;
  const auto* series = timeline.counter("qdisc.bytes" + qdisc.labels);
  if (series == nullptr || shape.bytes_per_packet <= 0) return {};
  std::uint32_t from = series->first_read;
  std::uint32_t to = series->last_read;
  const auto seconds_at = [&](std::uint32_t point) {
    return static_cast<double>(timeline.at_ns.at(point)) / 1e9;
  };
  // Only points at which it was read can mark an end: those where it had changed.
  for (const auto& step : series->steps) {
    if (only_while_dropping && seconds_at(step.point) <= shape.first_s) from = step.point;
  }
  for (const auto& step : series->steps) {
    if (!only_while_dropping || seconds_at(step.point) < shape.last_s) continue;
    to = step.point;
    break;
  }
  const double seconds = to > from ? seconds_at(to) - seconds_at(from) : 0;
  if (seconds <= 0) return {};
  const auto passed = static_cast<double>(model::increment(*series, from, to).amount);
  return (passed + static_cast<double>(dropped_packets) * shape.bytes_per_packet) / seconds;
}

bool drops_only_when_full(std::string_view kind) {
  constexpr std::array<std::string_view, 8> kKinds = {
      "bfifo", "hfsc", "htb", "pfifo", "pfifo_fast", "pfifo_head_drop", "prio", "tbf"};
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

Backlog backlog_of(const Evidence& evidence, const Qdisc& qdisc, const BurstShape& shape) {
  Backlog backlog;
  const bool in_bytes = qdisc.limit_bytes.has_value();
  const auto limit = in_bytes ? qdisc.limit_bytes : qdisc.limit_packets;
  backlog.gauge = (in_bytes ? "qdisc.backlog" : "qdisc.qlen") + qdisc.labels;
  const auto* series = evidence.timeline.gauge(backlog.gauge);
  const auto* passed = evidence.timeline.counter("qdisc.bytes" + qdisc.labels);
  if (series == nullptr || passed == nullptr || !limit || *limit == 0 || !shape.measured) {
    return backlog;
  }
  // Read at both ends only, it has told its counter at two points; while it is watched, bytes pass
  // from point to point.
  if (passed->steps.size() <= kEnoughPoints) return backlog;
  const auto since = passed->steps[1].point;
  const double end_s = evidence.timeline.seconds();
  auto held = held_between(evidence.timeline, *series, since, shape.first_s, shape.last_s);
  if (held.size() < kEnoughPoints) {
    held = held_between(evidence.timeline, *series, since, shape.last_s, end_s);
  }
  backlog.points = static_cast<std::uint32_t>(held.size());
  backlog.watched = backlog.points >= kEnoughPoints;
  if (!backlog.watched) return backlog;
  backlog.emptiest_share =
      static_cast<double>(std::ranges::min(held)) / static_cast<double>(*limit);
  return backlog;
}

}  // namespace diagnose
