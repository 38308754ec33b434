// Judges a diagnosis against a window of normal: how much of what was found is usual here. Pure.
#pragma once

#include <string>

#include "model/diagnosis.h"
#include "model/evidence.h"

namespace comparison {

// Gives each finding of `diagnosis` (made of `evidence`) what was normal for its place, and each
// symptom what the baseline's rate would have made of this window. What is more than normal comes
// first, whatever its size: it is what the user is hunting; and what was refused or dropped by
// policy without being news is at least a warning where it is. Verdict and headline follow.
// `normal` is the baseline's evidence, `name` what the user calls it.
void judge_against(const model::Evidence& normal, const std::string& name,
                   const model::Evidence& evidence, model::Diagnosis& diagnosis);

}  // namespace comparison
