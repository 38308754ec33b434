#include "lab/traffic/checksum.h"

#include <array>

#include <gtest/gtest.h>

namespace lab::traffic {
namespace {

// The words 0x0001, 0xf203, 0xf4f5, 0xf6f7 sum to 0xddf2 (the example of RFC 1071, section 3).
TEST(InternetChecksum, IsTheComplementOfTheSumOfTheWords) {
  const std::array<std::uint8_t, 8> bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  const std::uint16_t sum = internet_checksum(bytes);
  const std::array<std::uint8_t, 2> in_order{static_cast<std::uint8_t>(sum & 0xff),
                                             static_cast<std::uint8_t>(sum >> 8)};
  EXPECT_EQ(in_order[0] << 8 | in_order[1], 0xffff - 0xddf2);
}

TEST(InternetChecksum, AnOddByteIsFollowedByZero) {
  const std::array<std::uint8_t, 3> odd{0x12, 0x34, 0x56};
  const std::array<std::uint8_t, 4> even{0x12, 0x34, 0x56, 0x00};
  EXPECT_EQ(internet_checksum(odd), internet_checksum(even));
}

}  // namespace
}  // namespace lab::traffic
