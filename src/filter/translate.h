// Classic BPF into the eBPF that the verifier of the kernel accepts inside one of our programs.
#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "filter/program.h"

namespace filter {

// Error: check.h refuses it, or the verifier would for its length alone.
[[nodiscard]] base::Result<std::vector<Instruction>> translate(
    std::span<const ClassicInstruction> classic);

}  // namespace filter
