#include "observe/assemble.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"

namespace observe {

std::vector<model::Netns> netns_rows(const std::vector<host::Namespace>& namespaces,
                                     const std::set<model::Inode>& selected) {
  std::vector<model::Netns> rows;
  for (const auto& place : namespaces) {
    rows.push_back({.id = place.id,
                    .name = place.name,
                    .enter_path = place.enter_path,
                    .pid = place.is_init ? 0 : place.pid,
                    .comm = place.comm,
                    .unit = place.unit,
                    .container = place.container,
                    .container_name = place.container_name,
                    .selected = selected.empty() || selected.contains(place.id)});
  }
  return rows;
}

std::vector<model::Device> merged_devices(std::vector<model::Device> first,
                                          std::vector<model::Device> last) {
  for (auto& device : first) {
    const bool there = std::ranges::any_of(last, [&](const model::Device& other) {
      return other.netns == device.netns && other.ifindex == device.ifindex &&
             other.name == device.name;
    });
    if (there) continue;
    device.vanished = true;
    last.push_back(std::move(device));
  }
  return last;
}

void set_addresses(const std::vector<sources::DeviceAddress>& addresses,
                   std::vector<model::Device>& devices) {
  std::map<std::pair<model::Inode, std::uint32_t>, std::vector<std::string>> by_device;
  for (const auto& row : addresses) by_device[{row.netns, row.ifindex}].push_back(row.address);
  for (auto& device : devices) {
    const auto found = by_device.find({device.netns, device.ifindex});
    device.addresses.clear();
    if (found != by_device.end() && !device.vanished) device.addresses = found->second;
  }
}

void add_answers(sources::Look look, model::Evidence& evidence) {
  const auto add = [](auto& from, auto& to) {
    for (auto& row : from) {
      if (std::ranges::find(to, row) == to.end()) to.push_back(std::move(row));
    }
  };
  add(look.special_routes, evidence.special_routes);
  add(look.route_lookups, evidence.route_lookups);
  add(look.neighbours, evidence.neighbours);
  add(look.path_programs, evidence.path_programs);
  add(look.firewall_chains, evidence.firewall_chains);
  for (auto& [id, value] : look.settings) evidence.settings[id] = std::move(value);
}

std::vector<model::KernelMessage> messages_inside(
    const std::vector<model::KernelMessage>& since_boot, double start_s) {
  std::vector<model::KernelMessage> inside;
  for (const auto& message : since_boot) {
    if (message.at_s < start_s) continue;
    auto relative = message;
    relative.at_s -= start_s;
    if (std::ranges::find(inside, relative) == inside.end()) inside.push_back(std::move(relative));
  }
  return inside;
}

model::BlindSpot unlisted_namespaces(bool traced) {
  return {.what = traced
                      ? "counters of network namespaces that only other users' processes are in; "
                        "what raises no trace there is not seen, SYNs that listeners refuse for one"
                      : "network namespaces that only hidden processes are in",
          .why = "which namespace such a process is in may not be read",
          .enable = "CAP_SYS_PTRACE",
          .stages = {model::Stage::kListen}};
}

void add_blind_spots(std::span<const model::BlindSpot> spots, model::Evidence& evidence) {
  auto& told = evidence.blind_spots;
  for (const auto& spot : spots) {
    if (std::ranges::find(told, spot) == told.end()) told.push_back(spot);
  }
}

void add_trace_blind_spots(model::Evidence& evidence) {
  const auto& drops = evidence.drops;
  if (drops.rung.empty()) return;
  if (drops.outside_table > 0) {
    evidence.blind_spots.push_back(
        {.what = fmt::format("place and reason of {} drops", base::grouped(drops.outside_table)),
         .why = "more kinds of drops than the table in the kernel holds",
         .enable = "",
         .stages = {}});
  }
  if (drops.recursion_misses > 0) {
    evidence.blind_spots.push_back(
        {.what = fmt::format("{} runs of the drops program", base::grouped(drops.recursion_misses)),
         .why = "the kernel skips a program that is already running on the CPU",
         .enable = "",
         .stages = {}});
  }
  for (const auto& tracer : drops.other_tracers) {
    evidence.blind_spots.push_back(
        {.what = "how the host behaves untraced",
         .why = tracer + " traces the same drops and slows each of them down",
         .enable = "stop it and measure again",
         .stages = {}});
  }
}

}  // namespace observe
