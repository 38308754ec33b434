// The objects that several documents of ours hold.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/evidence.h"

namespace render {

[[nodiscard]] nlohmann::ordered_json text_or_null(const std::string& text);
[[nodiscard]] nlohmann::ordered_json host_json(const model::Host& host);
[[nodiscard]] nlohmann::ordered_json grant_json(const model::Grant& grant);

}  // namespace render
