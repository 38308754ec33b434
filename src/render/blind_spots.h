// What could not be seen, as text.
#pragma once

#include <vector>

#include "model/evidence.h"
#include "render/sheet.h"

namespace render {

// One bullet each: what, why, and what would make it visible.
void draw_blind_spots(Sheet& sheet, const std::vector<model::BlindSpot>& spots);

}  // namespace render
