// Sockets, one a line, as people read them in ss; and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "model/evidence.h"
#include "render/sheet.h"

namespace render {

// Those of one namespace: protocol and state, queues, both ends, whose it is, and what is wrong
// with it.
void draw_sockets(Sheet& sheet, const std::vector<const model::Socket*>& sockets);

[[nodiscard]] nlohmann::ordered_json socket_json(const model::Socket& socket);

}  // namespace render
