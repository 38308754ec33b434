// What the host allows -> text. Pure, as render.h.
#pragma once

#include <string>

#include "model/doctor.h"
#include "render/render.h"

namespace render {

// For a person: the answer first, then a table, group by group, in the order of the checks. All
// text is made printable.
[[nodiscard]] std::string terminal(const model::Doctor& doctor, const TerminalStyle& style);

// whydrop.doctor/1, one document, ending in a newline.
[[nodiscard]] std::string json(const model::Doctor& doctor);

}  // namespace render
