// The findings of a diagnosis, each with its proofs and its cure.
#pragma once

#include "model/diagnosis.h"
#include "render/sheet.h"

namespace render {

// Warnings and worse in full, notices as one line each; `all_in_full` leaves nothing out.
void draw_findings(Sheet& sheet, const model::Diagnosis& diagnosis, bool all_in_full);

}  // namespace render
