// The signs of the report: one glyph and one colour for each state and each class.
#pragma once

#include <string_view>

#include "model/diagnosis.h"
#include "render/sheet.h"

namespace render {

struct Sign {
  std::string_view glyph;  // one column
  Ink ink = Ink::kPlain;
  std::string_view meaning;  // for the legend
};

[[nodiscard]] constexpr Sign sign_of(model::StageState state) {
  switch (state) {
    case model::StageState::kOk:
      return {"✓", Ink::kGood, "nothing dropped"};
    case model::StageState::kLoss:
      return {"✗", Ink::kBad, "lost"};
    case model::StageState::kPolicy:
      return {"⊘", Ink::kWarning, "dropped on purpose"};
    case model::StageState::kRefused:
      return {"⊖", Ink::kWarning, "refused: nobody listens"};
    case model::StageState::kNoise:
      return {"∙", Ink::kGood, "normal drops only"};
    case model::StageState::kPressure:
      return {"!", Ink::kWarning, "nearly full"};
    case model::StageState::kBlind:
      return {"?", Ink::kFaint, "could not be seen"};
  }
  return {"?", Ink::kFaint, ""};
}

[[nodiscard]] constexpr Sign sign_of(model::Class klass) {
  switch (klass) {
    case model::Class::kLoss:
    case model::Class::kUnknown:
      return sign_of(model::StageState::kLoss);
    case model::Class::kPolicy:
      return sign_of(model::StageState::kPolicy);
    case model::Class::kRefused:
      return sign_of(model::StageState::kRefused);
    case model::Class::kNoise:
      return sign_of(model::StageState::kNoise);
  }
  return sign_of(model::StageState::kBlind);
}

}  // namespace render
