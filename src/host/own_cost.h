// What this process has cost so far.
#pragma once

#include "model/evidence.h"

namespace host {

// CPU time of all threads, user and kernel; the largest resident set.
[[nodiscard]] model::Cost own_cost();

}  // namespace host
