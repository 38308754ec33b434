#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "render/shared_json.h"
#include "render/snapshot.h"
#include "render/socket_list.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(SnapshotRow::Kind kind) {
  switch (kind) {
    case SnapshotRow::Kind::kCounter:
      return "counter";
    case SnapshotRow::Kind::kGauge:
      return "gauge";
    case SnapshotRow::Kind::kSetting:
      break;
  }
  return "setting";
}

Json row_json(const SnapshotRow& row) {
  return {
      {"id", row.id},        {"kind", name_of(row.kind)},
      {"value", row.value},  {"stage", row.stage ? Json(model::name(*row.stage)) : Json(nullptr)},
      {"loss", row.is_loss}, {"command", text_or_null(row.command)}};
}

// Null where they were not asked for: none is not no sockets.
Json sockets_json(const SnapshotPage& page) {
  if (!page.with_sockets) return nullptr;
  auto sockets = Json::array();
  for (const auto* socket : page.sockets) sockets.push_back(socket_json(*socket));
  return sockets;
}

}  // namespace

std::string json(const SnapshotPage& page) {
  const auto& evidence = page.evidence;
  // Microseconds are as fine as a single look means anything.
  const double ms = std::round(static_cast<double>(evidence.window.duration_ns) / 1e3) / 1e3;
  const Json document = {{"schema", "whydrop.snapshot/1"},
                         {"version", evidence.version},
                         {"host", host_json(evidence.host)},
                         {"time", base::utc_text(base::Nanoseconds(evidence.window.start_wall_ns))},
                         {"read_ms", ms},
                         {"netns", array_of(evidence.netns, netns_json)},
                         {"devices", array_of(evidence.devices, device_json)},
                         {"read", page.read},
                         {"values", array_of(page.rows, row_json)},
                         {"sockets", sockets_json(page)},
                         {"blind_spots", array_of(evidence.blind_spots, blind_spot_json)},
                         {"grant", grant_json(evidence.grant)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace render
