// Diagnoses made by hand for the tests of this room; nothing in them was measured.
#pragma once

#include "model/diagnosis.h"

namespace render {

[[nodiscard]] model::Diagnosis healthy_sample();
// One UDP loss, with its root, a rival ruled out and a remedy.
[[nodiscard]] model::Diagnosis loss_sample();
// A loss in two places with a remainder, policy, refusals, noise, and TCP that suffers.
[[nodiscard]] model::Diagnosis mixed_sample();
// Drops could not be traced, nothing was found.
[[nodiscard]] model::Diagnosis inconclusive_sample();
// Names that try to write to the terminal.
[[nodiscard]] model::Diagnosis hostile_sample();

}  // namespace render
