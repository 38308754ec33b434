#include "render/grant.h"

#include "base/text.h"

namespace render {

void draw_grant(Sheet& sheet, const model::Grant& grant) {
  if (!grant.command.empty()) {
    sheet.unfolded("as root", base::printable(grant.command), Ink::kPlain);
    sheet.item("", "gives whydrop these rights, whoever runs it: mind who may", Ink::kFaint);
  }
  if (!grant.obstacle.empty()) sheet.item("rights", base::printable(grant.obstacle));
}

}  // namespace render
