// Whether a classic program is one that can be translated: its opcodes known, its jumps forward and
// inside, no word of M[] read that may not have been written.
#pragma once

#include <span>

#include "base/error.h"
#include "filter/program.h"

namespace filter {

// libpcap makes programs that fail this from expressions that it should have refused.
[[nodiscard]] base::Status check(std::span<const ClassicInstruction> program);

// Where a jump at `at` leads to.
struct Targets {
  std::size_t when_true;
  std::size_t when_false;
};
[[nodiscard]] Targets targets_of(const ClassicInstruction& jump, std::size_t at);

}  // namespace filter
