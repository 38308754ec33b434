// What the user complains of: retransmissions, timeouts, SYN retries. Neither losses nor echoes;
// explained by findings where a finding lies on the path of TCP.
#pragma once

#include <set>
#include <vector>

#include "model/diagnosis.h"
#include "model/evidence.h"
#include "model/question.h"

namespace diagnose {

// `diagnosis` holds accounts and findings already.
[[nodiscard]] std::vector<model::Symptom> symptoms(const model::Evidence& evidence,
                                                   const model::Diagnosis& diagnosis);

// Which TCP sockets are worth reading: those of namespaces that retransmit notably.
[[nodiscard]] std::set<model::Question> symptom_questions(const model::Evidence& evidence);

}  // namespace diagnose
