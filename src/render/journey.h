// The map of the journey: each stage with its state, the packets counted there, and under a leak
// what leaked.
#pragma once

#include "model/diagnosis.h"
#include "render/sheet.h"

namespace render {

void draw_journey(Sheet& sheet, const model::Diagnosis& diagnosis, bool with_noise);

}  // namespace render
