#include "base/gzip.h"

#include <gmock/gmock.h>

#include <random>

namespace base {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMost = 64U << 20;

std::string noise(std::size_t length) {
  std::mt19937_64 random(7);  // NOLINT: the same each time
  std::string text(length, '\0');
  for (char& letter : text) letter = static_cast<char>(random());
  return text;
}

TEST(Gzip, WhatIsPackedComesBack) {
  for (const std::string& content : {std::string(), std::string("x"), std::string(5U << 20, 'a'),
                                     noise((3U << 20) + 17), noise(1U << 20)}) {
    const auto packed = gzip(content);
    ASSERT_TRUE(packed);
    EXPECT_TRUE(is_gzip(*packed));
    const auto unpacked = gunzip(*packed, kMost);
    ASSERT_TRUE(unpacked) << unpacked.error().what;
    EXPECT_EQ(*unpacked, content);
  }
  EXPECT_LT(gzip(std::string(5U << 20, 'a'))->size(), 10000U);
}

TEST(Gzip, NoDamageChangesWhatIsUnpacked) {
  const auto content = noise(300) + std::string(300, 'x');
  const auto packed = gzip(content).value();
  std::size_t noticed = 0;
  for (std::size_t at = 0; at < packed.size(); ++at) {
    auto damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto unpacked = gunzip(damaged, kMost);
    if (!unpacked) ++noticed;
    EXPECT_EQ(unpacked.value_or(content), content) << at;
  }
  // All but the header's time, level and system, and the bits that fill the last byte.
  EXPECT_GE(noticed, packed.size() - 8);
}

TEST(Gzip, OneThatIsCutShortIsNoticed) {
  const auto packed = gzip(noise(300)).value();
  for (std::size_t length = 0; length < packed.size(); ++length) {
    EXPECT_FALSE(gunzip(packed.substr(0, length), kMost)) << length;
  }
  EXPECT_FALSE(gunzip(packed + "x", kMost));
}

TEST(Gzip, MoreThanMayBeIsRefused) {
  const auto bomb = gzip(std::string(32U << 20, '\0')).value();
  EXPECT_LT(bomb.size(), 64U << 10);
  const auto unpacked = gunzip(bomb, 8U << 20);
  ASSERT_FALSE(unpacked);
  EXPECT_THAT(unpacked.error().what, HasSubstr("larger"));
}

}  // namespace
}  // namespace base
