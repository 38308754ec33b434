// The arithmetic of a report: what was lost and by what, what else was dropped, TCP's symptoms, and
// with -v every account.
#pragma once

#include "model/diagnosis.h"
#include "render/sheet.h"

namespace render {

void draw_sums(Sheet& sheet, const model::Diagnosis& diagnosis);
void draw_accounts(Sheet& sheet, const model::Diagnosis& diagnosis);

}  // namespace render
