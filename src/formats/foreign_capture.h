// Capture files as other programs write them, in either byte order, right or wrong: for the tests
// of this room.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/pcapng_codes.h"
#include "formats/pcapng_fields.h"

namespace formats {

class ForeignCapture {
 public:
  using ByteOrder = pcapng::ByteOrder;

  explicit ForeignCapture(ByteOrder order) : order_(order) {}

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  operator std::string_view() const { return bytes_; }  // NOLINT: implicit on purpose

  [[nodiscard]] std::string number(std::unsigned_integral auto value) const {
    std::string text;
    for (size_t at = 0; at < sizeof value; ++at) {
      const auto shift = 8 * (order_ == ByteOrder::kBig ? sizeof value - 1 - at : at);
      text += static_cast<char>(std::uint64_t{value} >> shift);
    }
    return text;
  }
  [[nodiscard]] std::string u16(std::uint16_t value) const { return number(value); }
  [[nodiscard]] std::string u32(std::uint32_t value) const { return number(value); }
  [[nodiscard]] std::string u64(std::uint64_t value) const { return number(value); }
  [[nodiscard]] std::string time(std::uint64_t units) const {
    return u32(static_cast<std::uint32_t>(units >> 32)) + u32(static_cast<std::uint32_t>(units));
  }
  [[nodiscard]] std::string option(std::uint16_t code, std::string_view value) const {
    return u16(code) + u16(static_cast<std::uint16_t>(value.size())) + padded(value);
  }
  [[nodiscard]] static std::string padded(std::string_view value) {
    return std::string(value) + std::string(pcapng::padded(value.size()) - value.size(), '\0');
  }

  ForeignCapture& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  ForeignCapture& block(std::uint32_t type, std::string_view body) {
    const auto length = u32(static_cast<std::uint32_t>(body.size() + pcapng::kBlockFrame));
    return raw(u32(type) + length + std::string(body) + length);
  }
  ForeignCapture& section(std::string_view options = {}, std::uint16_t major = 1,
                          std::uint16_t minor = 0) {
    return block(pcapng::kSectionBlock, u32(pcapng::kByteOrderMagic) + u16(major) + u16(minor) +
                                            u64(pcapng::kNoSectionLength) + std::string(options));
  }
  ForeignCapture& interface(std::string_view options = {}, std::uint16_t link_type = 1,
                            std::uint32_t snaplen = 0) {
    return block(pcapng::kInterfaceBlock,
                 u16(link_type) + u16(0) + u32(snaplen) + std::string(options));
  }
  ForeignCapture& packet(std::uint32_t interface, std::uint64_t units, std::string_view data,
                         std::string_view options = {}) {
    const auto length = u32(static_cast<std::uint32_t>(data.size()));
    return block(pcapng::kPacketBlock, u32(interface) + time(units) + length + length +
                                           padded(data) + std::string(options));
  }
  ForeignCapture& old_packet(std::uint16_t interface, std::uint16_t drops, std::uint64_t units,
                             std::string_view data, std::string_view options = {}) {
    const auto length = u32(static_cast<std::uint32_t>(data.size()));
    return block(pcapng::kOldPacketBlock, u16(interface) + u16(drops) + time(units) + length +
                                              length + padded(data) + std::string(options));
  }
  ForeignCapture& simple_packet(std::uint32_t original, std::string_view data) {
    return block(pcapng::kSimplePacketBlock, u32(original) + padded(data));
  }

 private:
  ByteOrder order_;
  std::string bytes_;
};

}  // namespace formats
