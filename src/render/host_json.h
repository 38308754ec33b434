// The object "host" that every document of ours starts with.
#pragma once

#include <nlohmann/json.hpp>

#include "model/evidence.h"

namespace render {

[[nodiscard]] nlohmann::ordered_json host_json(const model::Host& host);

}  // namespace render
