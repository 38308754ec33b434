// Small readers and writers of text, shared by every parser and every output.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// The words of `line`, separated by any run of blanks or tabs. The views live as long as `line`.
[[nodiscard]] std::vector<std::string_view> words(std::string_view line);

// The lines of `text` without their newline; a last line without newline counts too.
[[nodiscard]] std::vector<std::string_view> lines(std::string_view text);

// The parts of `text` between separators, empty parts included.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

[[nodiscard]] std::string_view trim(std::string_view text);

// The number that fills `text` from end to end, else nothing. `radix` 10 or 16 (no 0x prefix).
template <class Number = std::uint64_t>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int radix = 10) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number, radix);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return number;
}

// Text that came from a packet, a device, a process or a container, made safe for a terminal or a
// page: control characters and invalid UTF-8 become \xNN.
[[nodiscard]] std::string printable(std::string_view untrusted);

// 1234567 -> "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);

// 425984 -> "416 KiB"; exact below 1 KiB.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

// One word that a POSIX shell reads back as `text`.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace base
