// The page that a report is written on: columns, hanging indents and colour in one place.
#pragma once

#include <string>
#include <string_view>

#include "render/render.h"

namespace render {

// What a piece of text means; the sheet knows the colour. Colour is only ever a second sign: a
// glyph or a word says the same.
enum class Ink { kPlain, kStrong, kFaint, kGood, kBad, kWarning, kNotice };

// Text handed in is already printable.
class Sheet {
 public:
  explicit Sheet(const TerminalStyle& style);

  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] std::string inked(Ink ink, std::string_view text) const;

  // A line as it is (may hold inked pieces); blanks at its end are dropped.
  void line(std::string_view text = {});
  // `text` wrapped behind `head`; the lines that follow hang under its first letter. `head` takes
  // `head_columns` on the screen.
  void hanging(std::string_view head, int head_columns, std::string_view text,
               Ink ink = Ink::kPlain);
  // "  label     text", the label faint and in a column of its own.
  void item(std::string_view label, std::string_view text, Ink ink = Ink::kPlain);
  // The same, on one line whatever its length: for what is to be copied.
  void unfolded(std::string_view label, std::string_view text, Ink ink);
  // A further paragraph in the column of items, with a bullet.
  void bullet(std::string_view label, std::string_view text);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  [[nodiscard]] std::string label_column(std::string_view label) const;

  bool colour_;
  int columns_;
  std::string out_;
};

}  // namespace render
