#include "render/sheet.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "render/columns.h"

namespace render {
namespace {

constexpr int kNarrowest = 60;
// Longer lines are hard to read, however wide the terminal is.
constexpr int kWidest = 120;
constexpr int kLabelColumns = 14;

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kStrong:
      return "\x1b[1m";
    case Ink::kFaint:
      return "\x1b[2m";
    case Ink::kGood:
      return "\x1b[32m";
    case Ink::kBad:
      return "\x1b[1;31m";
    case Ink::kWarning:
      return "\x1b[33m";
    case Ink::kNotice:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

Sheet::Sheet(const TerminalStyle& style)
    : colour_(style.colour), columns_(std::clamp(style.columns, kNarrowest, kWidest)) {}

std::string Sheet::inked(Ink ink, std::string_view text) const {
  if (!colour_ || ink == Ink::kPlain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(ink), text);
}

void Sheet::line(std::string_view text) {
  const size_t end = text.find_last_not_of(' ');
  out_ += text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  out_ += '\n';
}

void Sheet::hanging(std::string_view head, int head_columns, std::string_view text, Ink ink) {
  const std::string indent(static_cast<size_t>(head_columns), ' ');
  bool first = true;
  for (const auto& part : wrapped(text, columns_ - head_columns)) {
    line((first ? std::string(head) : indent) + inked(ink, part));
    first = false;
  }
}

std::string Sheet::label_column(std::string_view label) const {
  return inked(Ink::kFaint, padded("  " + std::string(label), kLabelColumns));
}

void Sheet::item(std::string_view label, std::string_view text, Ink ink) {
  hanging(label_column(label), kLabelColumns, text, ink);
}

void Sheet::unfolded(std::string_view label, std::string_view text, Ink ink) {
  line(label_column(label) + inked(ink, text));
}

void Sheet::bullet(std::string_view label, std::string_view text) {
  hanging(label_column(label) + inked(Ink::kFaint, "· "), kLabelColumns + 2, text);
}

}  // namespace render
