// Evidence -> Diagnosis: a pure function. No clock, no kernel, no file.
#pragma once

#include <set>

#include "model/diagnosis.h"
#include "model/evidence.h"
#include "model/question.h"

namespace diagnose {

// What is worth asking, given what is known.
[[nodiscard]] std::set<model::Question> questions(const model::Evidence& evidence);

[[nodiscard]] model::Diagnosis diagnose(const model::Evidence& evidence);

// Sets verdict and headline from the findings: once more where their order was changed.
void conclude(const model::Evidence& evidence, model::Diagnosis& diagnosis);

}  // namespace diagnose
