// The capabilities that whydrop has a use for: which are missing, and how to get them.
#pragma once

#include "host/grant.h"
#include "model/doctor.h"

namespace cli {

// Adds one check for each; what is not held only counts as missing where the checks made so far
// show that it would help.
void add_rights(const host::Standing& standing, model::Doctor& doctor);

}  // namespace cli
