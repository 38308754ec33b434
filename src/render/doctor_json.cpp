// What the host allows -> whydrop.doctor/1, as docs/schema/doctor.json has it. Null is "does not
// apply".
#include <cmath>
#include <nlohmann/json.hpp>

#include "render/doctor.h"
#include "render/shared_json.h"

namespace render {
namespace {

using Json = nlohmann::ordered_json;

Json check_json(const model::Check& check) {
  // Thousandths of a millisecond are as fine as a single trial means anything.
  const Json ms = check.ms ? Json(std::round(*check.ms * 1e3) / 1e3) : Json(nullptr);
  return {{"id", check.id},
          {"group", check.group},
          {"title", check.title},
          {"state", model::name(check.state)},
          {"rung", text_or_null(check.rung)},
          {"found", check.found},
          {"loses", text_or_null(check.loses)},
          {"enable", text_or_null(check.enable)},
          {"ms", ms}};
}

}  // namespace

std::string json(const model::Doctor& doctor) {
  const auto missing = model::missing_checks(doctor);
  Json checks = Json::array();
  for (const auto& check : doctor.checks) checks.push_back(check_json(check));
  const Json document = {{"schema", "whydrop.doctor/1"},   {"version", doctor.version},
                         {"host", host_json(doctor.host)}, {"uid", doctor.uid},
                         {"complete", missing == 0},       {"missing", missing},
                         {"checks", std::move(checks)},    {"grant", grant_json(doctor.grant)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace render
