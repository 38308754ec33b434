// What stands inside a block of a pcapng file: numbers in the order of its section, options, times.
// Nothing here trusts a length.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace formats::pcapng {

enum class ByteOrder : std::uint8_t { kLittle, kBig };

// The number at `at`, which must lie inside `bytes` as a whole.
template <std::unsigned_integral Number>
[[nodiscard]] Number number_at(std::string_view bytes, std::size_t at, ByteOrder order) {
  std::uint64_t number = 0;
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    const auto from = order == ByteOrder::kBig ? byte : sizeof(Number) - 1 - byte;
    number = number << 8 | static_cast<unsigned char>(bytes[at + from]);
  }
  return static_cast<Number>(number);
}

// Two words, the upper one first, in either order.
[[nodiscard]] inline std::uint64_t time_at(std::string_view bytes, std::size_t at,
                                           ByteOrder order) {
  return std::uint64_t{number_at<std::uint32_t>(bytes, at, order)} << 32 |
         number_at<std::uint32_t>(bytes, at + sizeof(std::uint32_t), order);
}

[[nodiscard]] constexpr std::size_t padded(std::size_t length) {
  return (length + 3) / 4 * 4;
}

// Calls each(code, value) up to the end of options, which may be missing. `options` is of a
// multiple of 4 bytes. False: an option is longer than what is left of the block.
template <class Each>
[[nodiscard]] bool for_each_option(std::string_view options, ByteOrder order, Each each) {
  constexpr std::size_t kHead = 4;
  while (options.size() >= kHead) {
    const auto code = number_at<std::uint16_t>(options, 0, order);
    const std::size_t length = number_at<std::uint16_t>(options, 2, order);
    if (code == 0) return true;
    options.remove_prefix(kHead);
    if (length > options.size()) return false;
    each(code, options.substr(0, length));
    options.remove_prefix(padded(length));
  }
  return true;
}

// A string of an option ends at its first zero byte, if it has one.
[[nodiscard]] inline std::string_view text_of(std::string_view value) {
  return value.substr(0, value.find('\0'));
}

// Nanoseconds since the Unix epoch of `units` of if_tsresol `resolution`, plus `offset_s` seconds.
// What does not fit is held at the nearest time that does.
[[nodiscard]] std::int64_t nanoseconds_of(std::uint64_t units, std::uint8_t resolution,
                                          std::int64_t offset_s);

}  // namespace formats::pcapng
