// Text measured in the columns of a terminal, and wrapped to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace render {

// Columns that well-formed UTF-8 without control characters takes: 2 for East Asian wide
// characters and emoji, 0 for combining marks. Bytes that are no UTF-8 count 1 each.
[[nodiscard]] int columns_of(std::string_view text);

// `text` and as many blanks as bring it to `columns`.
[[nodiscard]] std::string padded(std::string_view text, int columns);

// Lines of at most `columns`, broken at blanks; a word that is longer is broken inside, because a
// name from outside can be of any length. Never empty: "" gives one empty line.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, int columns);

// 9841233 -> "9.84M", for a map; exact below 10,000.
[[nodiscard]] std::string short_count(unsigned long number);

}  // namespace render
