#include "base/text.h"

#include <algorithm>
#include <cstdio>

namespace base {
namespace {

// Length of the well-formed UTF-8 sequence at the start of `text` (1 for ASCII), 0 if there is
// none. Overlong forms, surrogates and C1 controls (U+0080..U+009F, which terminals obey) are
// refused.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  if (first == 0xc2 && second < 0xa0) return 0;
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  return length;
}

// Characters that reorder or hide the text around them: bidirectional controls, zero-width, BOM.
bool is_deceptive(std::string_view sequence) {
  return (sequence >= "\xe2\x80\x8b" && sequence <= "\xe2\x80\x8f") ||
         (sequence >= "\xe2\x80\xa8" && sequence <= "\xe2\x80\xae") ||
         (sequence >= "\xe2\x81\xa0" && sequence <= "\xe2\x81\xaf") || sequence == "\xef\xbb\xbf";
}

}  // namespace

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return found;
    const size_t end = std::min(line.find_first_of(" \t", at), line.size());
    found.push_back(line.substr(at, end - at));
    at = end;
  }
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> found;
  while (true) {
    const size_t end = text.find(separator);
    found.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return found;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string printable(std::string_view untrusted) {
  const auto is_plain = [](char letter) { return letter >= 0x20 && letter < 0x7f; };
  std::string safe;
  while (true) {
    const auto* end = std::ranges::find_if_not(untrusted, is_plain);
    safe.append(untrusted.begin(), end);
    untrusted.remove_prefix(static_cast<size_t>(end - untrusted.begin()));
    if (untrusted.empty()) return safe;
    const auto first = static_cast<unsigned char>(untrusted.front());
    const size_t length = utf8_length(untrusted);
    const bool control = first < 0x20 || first == 0x7f;
    if (length == 0 || control || is_deceptive(untrusted.substr(0, length))) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", first);
      safe += escaped;
      untrusted.remove_prefix(1);
      continue;
    }
    safe += untrusted.substr(0, length);
    untrusted.remove_prefix(length);
  }
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double scaled = static_cast<double>(bytes);
  size_t unit = 0;
  while (scaled >= 1024 && unit + 1 < std::size(kUnits)) {
    scaled /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 || scaled >= 100 ? "%.0f %s" : "%.1f %s", scaled,
                kUnits[unit]);
  return text;
}

std::string shell_quoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char letter : text) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

}  // namespace base
