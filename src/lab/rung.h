// What an expectation may fail of where drops are traced by a lower rung. Pure.
#pragma once

#include <vector>

#include "lab/expect.h"

namespace lab {

// Marks as unseen what a diagnosis did not say because its rung cannot see it. What it says must be
// right on every rung: another cause, another number, another object, an accusation or an offer
// that was ruled out stay broken expectations. Nothing is marked on the first rung.
void mark_unseen(const Scenario& scenario, const model::Diagnosis& diagnosis,
                 std::vector<Check>& checks);

}  // namespace lab
