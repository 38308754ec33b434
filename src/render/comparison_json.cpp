#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "render/comparison.h"
#include "render/shared_json.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;

Json window_json(const model::ComparedWindow& side) {
  const auto& window = side.window;
  return {{"name", side.name},
          {"host", host_json(side.host)},
          {"start", base::utc_text(base::Nanoseconds(window.start_wall_ns))},
          {"seconds", std::round(static_cast<double>(window.duration_ns) / 1e6) / 1e3},
          {"kind", window.kind},
          {"origin", window.origin},
          {"received", side.received},
          {"sent", side.sent},
          {"dropped", side.dropped}};
}

Json rate_json(const std::optional<model::Rate>& rate) {
  if (!rate) return nullptr;
  return {{"count", std::to_string(rate->count)},
          {"per_second", rate->per_second},
          {"per_packet", value_or_null(rate->per_packet)}};
}

Json counter_json(const model::CounterChange& change) {
  return {{"id", change.id},
          {"netns", text_or_null(change.netns)},
          {"change", model::name(change.movement)},
          {"certainty", model::name(change.certainty)},
          {"a", rate_json(change.a)},
          {"b", rate_json(change.b)},
          {"ratio", value_or_null(change.ratio)},
          {"z", std::round(change.z * 100) / 100},
          {"of", text_or_null(change.of)},
          {"loss", change.is_loss},
          {"why", text_or_null(change.why)}};
}

Json setting_json(const model::SettingChange& change) {
  return {{"id", change.id},
          {"netns", text_or_null(change.netns)},
          {"a", value_or_null(change.a)},
          {"b", value_or_null(change.b)}};
}

}  // namespace

std::string json(const model::Comparison& comparison) {
  const Json document = {{"schema", "whydrop.compare/1"},
                         {"a", window_json(comparison.a)},
                         {"b", window_json(comparison.b)},
                         {"obstacles", comparison.obstacles},
                         {"notes", comparison.notes},
                         {"counters", array_of(comparison.counters, counter_json)},
                         {"settings", array_of(comparison.settings, setting_json)},
                         {"settings_compared", comparison.settings_compared}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace render
