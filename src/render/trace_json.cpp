#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "render/shared_json.h"
#include "render/trace.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json place_json(const model::TracedPlace& place) {
  return {{"account", place.account},
          {"stage", model::name(place.stage)},
          {"direction", model::name(place.direction)},
          {"class", model::name(place.klass)},
          {"reason", text_or_null(place.reason)},
          {"meaning", text_or_null(place.meaning)},
          {"location", place.location},
          {"netns", text_or_null(place.netns)},
          {"netns_name", text_or_null(place.netns_name)},
          {"dev", text_or_null(place.device)},
          {"packets", place.packets}};
}

Json flow_json(const std::optional<model::Flow>& flow) {
  if (!flow) return nullptr;
  return Json::array(
      {flow->protocol, flow->source, flow->source_port, flow->destination, flow->destination_port});
}

Json owner_json(const std::optional<model::Owner>& owner) {
  if (!owner) return nullptr;
  return {{"pid", owner->pid},
          {"comm", owner->comm},
          {"cgroup", text_or_null(owner->cgroup)},
          {"unit", value_or_null(owner->unit)},
          {"container", value_or_null(owner->container)}};
}

Json counted_place_json(const model::TracedPlace& place) {
  auto json = place_json(place);
  json["by_cpu"] = place.by_cpu;
  return json;
}

Json share_json(const model::TracedShare& share) {
  return {{"what", share.what},
          {"netns", text_or_null(share.netns)},
          {"netns_name", text_or_null(share.netns_name)},
          {"packets", share.packets},
          {"error", share.error}};
}

}  // namespace

std::string json(const model::TraceEvent& event) {
  Json document = {{"schema", "whydrop.event/1"},
                   {"event", model::name(event.kind)},
                   {"time", base::utc_text(base::Nanoseconds(event.at_wall_ns))},
                   {"time_ns", std::to_string(event.at_wall_ns)}};
  document.update(place_json(event.place));
  document["cpu"] = event.cpu;
  document["length_bytes"] = event.length_bytes;
  document["flow"] = flow_json(event.flow);
  document["owner"] = owner_json(event.owner);
  document["cgroup_id"] = event.cgroup == 0 ? Json(nullptr) : Json(std::to_string(event.cgroup));
  document["stack"] = event.stack;
  document["what"] = text_or_null(event.what);
  document["detail"] = text_or_null(event.detail);
  return dumped(document);
}

std::string json(const model::TraceSummary& summary) {
  const Json document = {
      {"schema", "whydrop.event/1"},
      {"event", "summary"},
      {"seconds", static_cast<double>(summary.duration_ns) / 1e9},
      {"traced_by", summary.rung},
      {"packets", summary.packets},
      {"noise_left_out", summary.noise},
      {"places", array_of(summary.places, counted_place_json)},
      {"flows", array_of(summary.flows, share_json)},
      {"flows_counted", summary.flows_counted},
      {"sources", array_of(summary.sources, share_json)},
      {"received", summary.flows_counted ? Json(summary.received) : Json(nullptr)},
      {"received_flows", array_of(summary.received_flows, share_json)},
      {"received_sources", array_of(summary.received_sources, share_json)},
      {"packets_without_flow", summary.packets_without_flow},
      {"owners", array_of(summary.owners, share_json)},
      {"stacks", array_of(summary.stacks, share_json)},
      {"retransmitted_segments", summary.retransmitted},
      {"retransmitted_outside_table", summary.retransmitted_outside},
      {"retransmitting", array_of(summary.retransmitting, share_json)},
      {"retransmission_kinds", array_of(summary.retransmission_kinds, share_json)},
      {"resets", array_of(summary.resets, share_json)},
      {"events_told", summary.events_told},
      {"packets_without_line", summary.packets_without_line},
      {"outside_table", summary.outside_table},
      {"recursion_misses", summary.recursion_misses},
      {"blind_spots", array_of(summary.blind_spots, blind_spot_json)},
      {"cost", {{"cpu_ms", summary.cost.cpu_ms}, {"max_rss_kib", summary.cost.max_rss_kib}}}};
  return dumped(document);
}

}  // namespace render
