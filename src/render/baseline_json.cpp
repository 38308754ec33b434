#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "render/baseline.h"
#include "render/shared_json.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(const model::Window& window) {
  return std::round(static_cast<double>(window.duration_ns) / 1e6) / 1e3;
}

Json window_json(const model::Window& window) {
  return {{"start", base::utc_text(base::Nanoseconds(window.start_wall_ns))},
          {"seconds", seconds_of(window)},
          {"traced_seconds", std::round(static_cast<double>(window.traced_ns) / 1e6) / 1e3},
          {"interrupted", window.interrupted}};
}

Json rates_json(const model::Evidence& evidence) {
  auto rates = Json::array();
  const double seconds = static_cast<double>(evidence.window.duration_ns) / 1e9;
  for (const auto& [id, series] : evidence.timeline.counters) {
    if (seconds <= 0 || (series.first_read == series.last_read && !series.born)) continue;
    const auto rise = model::increment(series);
    rates.push_back({{"id", id},
                     {"count", std::to_string(rise.amount)},
                     {"per_second", static_cast<double>(rise.amount) / seconds},
                     {"reset", rise.reset}});
  }
  return rates;
}

Json drop_json(const model::DropTally& tally) {
  return {{"symbol", tally.symbol},
          {"reason", text_or_null(tally.reason)},
          {"netns", text_or_null(tally.netns)},
          {"packets", std::to_string(tally.packets)}};
}

Json entry_json(const BaselineEntry& entry) {
  Json json = {{"name", entry.name}, {"path", entry.path}};
  json["host"] = entry.evidence ? host_json(entry.evidence->host) : Json(nullptr);
  json["window"] = entry.evidence ? window_json(entry.evidence->window) : Json(nullptr);
  json["error"] = entry.evidence ? Json(nullptr) : Json(entry.evidence.error().what);
  return json;
}

std::string text_of(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string json(const BaselinePage& page) {
  const auto& evidence = page.evidence;
  return text_of(
      {{"schema", "whydrop.baseline/1"},
       {"version", evidence.version},
       {"name", page.name},
       {"host", host_json(evidence.host)},
       {"window", window_json(evidence.window)},
       {"netns", array_of(evidence.netns, netns_json)},
       {"devices", array_of(evidence.devices, device_json)},
       {"rates", rates_json(evidence)},
       {"drops",
        evidence.drops.rung.empty() ? Json(nullptr) : array_of(evidence.drops.tallies, drop_json)},
       {"settings", evidence.settings},
       {"blind_spots", array_of(evidence.blind_spots, blind_spot_json)}});
}

std::string json(const std::vector<BaselineEntry>& entries) {
  return text_of({{"schema", "whydrop.baselines/1"}, {"baselines", array_of(entries, entry_json)}});
}

}  // namespace render
