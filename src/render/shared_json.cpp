#include "render/shared_json.h"

namespace render {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json host_json(const model::Host& host) {
  return {{"id", host.id},
          {"name", host.name},
          {"arch", host.arch},
          {"os", host.os},
          {"kernel", host.kernel},
          {"virt", host.virt},
          {"boot_id", host.boot_id},
          {"uptime_s", host.uptime_s},
          {"cpus", host.cpus},
          {"memory_bytes", std::to_string(host.memory_bytes)},
          {"labels", Json(host.labels)}};
}

Json netns_json(const model::Netns& netns) {
  return {{"id", netns.id},
          {"name", netns.name},
          {"container", value_or_null(netns.container)},
          {"container_name", value_or_null(netns.container_name)},
          {"unit", value_or_null(netns.unit)},
          {"pid", netns.pid == 0 ? Json(nullptr) : Json(netns.pid)},
          {"comm", text_or_null(netns.comm)}};
}

Json device_json(const model::Device& device) {
  Json peer = nullptr;
  if (device.peer) peer = {{"netns", device.peer->netns}, {"name", device.peer->name}};
  return {{"netns", device.netns}, {"ifindex", device.ifindex}, {"name", device.name},
          {"kind", device.kind},   {"driver", device.driver},   {"peer", std::move(peer)}};
}

Json blind_spot_json(const model::BlindSpot& spot) {
  return {{"what", spot.what},
          {"why", spot.why},
          {"enable", text_or_null(spot.enable)},
          {"stages",
           array_of(spot.stages, [](model::Stage stage) { return Json(model::name(stage)); })}};
}

Json grant_json(const model::Grant& grant) {
  return {{"command", text_or_null(grant.command)}, {"obstacle", text_or_null(grant.obstacle)}};
}

}  // namespace render
