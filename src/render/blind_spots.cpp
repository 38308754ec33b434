#include "render/blind_spots.h"

#include <fmt/format.h>

#include "base/text.h"

namespace render {

using base::printable;

void draw_blind_spots(Sheet& sheet, const std::vector<model::BlindSpot>& spots) {
  bool first = true;
  for (const auto& spot : spots) {
    const auto enable = spot.enable.empty()
                            ? std::string()
                            : fmt::format(" (to see it: {})", printable(spot.enable));
    sheet.bullet(first ? "not seen" : "",
                 fmt::format("{}: {}{}", printable(spot.what), printable(spot.why), enable));
    first = false;
  }
}

}  // namespace render
