#include "render/columns.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/text.h"

namespace render {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr std::array<Range, 7> kCombining = {{{0x0300, 0x036f},
                                              {0x1ab0, 0x1aff},
                                              {0x1dc0, 0x1dff},
                                              {0x200b, 0x200d},
                                              {0x20d0, 0x20ff},
                                              {0xfe00, 0xfe0f},
                                              {0xfe20, 0xfe2f}}};
// Unicode's East Asian Width W and F, neighbours taken together.
constexpr std::array<Range, 12> kWide = {{{0x1100, 0x115f},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0x33ff},
                                          {0x3400, 0x4dbf},
                                          {0x4e00, 0xa4cf},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff00, 0xff60},
                                          {0xffe0, 0xffe6},
                                          {0x1f300, 0x1faff},
                                          {0x20000, 0x3fffd}}};

bool is_in(const auto& ranges, char32_t letter) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return letter >= range.first && letter <= range.last; });
}

// Takes one character off the front of `text`.
char32_t take_letter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  const int following = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  char32_t letter = following == 0 ? first : first & (0x3fU >> following);
  for (int left = following; left > 0 && !text.empty(); --left) {
    const auto next = static_cast<unsigned char>(text.front());
    if ((next & 0xc0) != 0x80) break;
    letter = (letter << 6) | (next & 0x3f);
    text.remove_prefix(1);
  }
  return letter;
}

int columns_of_letter(char32_t letter) {
  if (is_in(kCombining, letter)) return 0;
  return is_in(kWide, letter) ? 2 : 1;
}

// The longest start of `text` that fits, at least one character.
std::string_view start_of(std::string_view text, int columns) {
  std::string_view rest = text;
  int used = 0;
  size_t length = 0;
  while (!rest.empty()) {
    used += columns_of_letter(take_letter(rest));
    if (used > columns && length > 0) break;
    length = text.size() - rest.size();
  }
  return text.substr(0, length);
}

}  // namespace

int columns_of(std::string_view text) {
  int columns = 0;
  while (!text.empty()) columns += columns_of_letter(take_letter(text));
  return columns;
}

std::string padded(std::string_view text, int columns) {
  const int missing = std::max(0, columns - columns_of(text));
  return std::string(text) + std::string(static_cast<size_t>(missing), ' ');
}

std::vector<std::string> wrapped(std::string_view text, int columns) {
  const int limit = std::max(columns, 1);
  std::vector<std::string> lines(1);
  for (std::string_view word : base::words(text)) {
    const int used = columns_of(lines.back());
    if (used > 0 && used + 1 + columns_of(word) > limit) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    while (columns_of(word) > limit) {
      const auto start = start_of(word, limit);
      lines.back() += start;
      word.remove_prefix(start.size());
      if (!word.empty()) lines.emplace_back();
    }
    lines.back() += word;
  }
  return lines;
}

std::string short_count(unsigned long number) {
  constexpr std::array<char, 5> kUnits = {'k', 'M', 'G', 'T', 'P'};
  if (number < 10'000) return base::grouped(number);
  double scaled = static_cast<double>(number);
  size_t unit = 0;
  // From 999.5 on, three digits would round to 1000.
  for (scaled /= 1000; scaled >= 999.5 && unit + 1 < kUnits.size(); ++unit) scaled /= 1000;
  const int digits = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", scaled, digits, kUnits[unit]);
}

}  // namespace render
