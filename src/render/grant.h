// How whydrop would get the rights that it lacks, as text.
#pragma once

#include "model/evidence.h"
#include "render/sheet.h"

namespace render {

// The command on one line, so that it can be copied whatever the width; nothing where there is
// neither command nor obstacle.
void draw_grant(Sheet& sheet, const model::Grant& grant);

}  // namespace render
