// Values in groups by namespace, source and device; what is of no namespace comes first.
#pragma once

#include "render/sheet.h"
#include "render/snapshot.h"

namespace render {

void draw_values(const SnapshotPage& page, Sheet& sheet);

}  // namespace render
