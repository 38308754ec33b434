#include "render/rates.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "base/text.h"

namespace render {

std::string rate_text(double per_second) {
  if (per_second >= 100) {
    return base::grouped(static_cast<std::uint64_t>(std::llround(per_second))) + "/s";
  }
  return fmt::format("{:.{}g}/s", per_second, per_second >= 10 ? 3 : 2);
}

std::string_view chance_text(model::Certainty certainty) {
  switch (certainty) {
    case model::Certainty::kCertain:
      return "far more than chance";
    case model::Certainty::kFewBursts:
      return "but in so few bursts that it may be chance";
    case model::Certainty::kLikely:
    case model::Certainty::kNone:
      break;
  }
  return "more than chance";
}

}  // namespace render
