#include "base/byte_source.h"

#include <gmock/gmock.h>
#include <lzma.h>
#include <unistd.h>

#include "base/gzip.h"

namespace base {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMost = 64U << 20;

std::string xz(const std::string& content) {
  std::string packed(lzma_stream_buffer_bound(content.size()), '\0');
  std::size_t length = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(content.data()),
                                    content.size(), reinterpret_cast<std::uint8_t*>(packed.data()),
                                    &length, packed.size()),
            LZMA_OK);
  packed.resize(length);
  return packed;
}

Result<std::string> all_of(const std::string& packed, std::uint64_t most = kMost) {
  const auto source = TRY(unpacked(bytes_of(packed), most));
  std::string content;
  char room[1000];
  while (true) {
    const auto got = TRY(source->read(room));
    if (got == 0) return content;
    content.append(room, got);
  }
}

TEST(ByteSource, WhatIsPackedComesBack) {
  const std::string large = std::string(300000, 'a') + "b";
  for (const auto& content : {std::string(), std::string("x"), std::string("tiny"), large}) {
    EXPECT_EQ(all_of(content).value(), content);
    EXPECT_EQ(all_of(gzip(content).value()).value(), content);
    EXPECT_EQ(all_of(xz(content)).value(), content);
    EXPECT_EQ(all_of(gzip(content).value() + gzip("more").value()).value(), content + "more");
    EXPECT_EQ(all_of(xz(content) + xz("more")).value(), content + "more");
  }
  EXPECT_EQ(all_of(gzip("x").value() + std::string(1000, '\0')).value(), "x");
}

TEST(ByteSource, DamageAndWhatIsMissingAreNoticed) {
  for (const auto& packed : {gzip("some content").value(), xz("some content")}) {
    for (std::size_t length = 7; length < packed.size(); ++length) {
      EXPECT_FALSE(all_of(packed.substr(0, length))) << length;
    }
    auto damaged = packed;
    damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x10);
    EXPECT_FALSE(all_of(damaged));
    EXPECT_FALSE(all_of(packed + "rubbish"));
  }
}

TEST(ByteSource, ABombIsRefused) {
  const std::string zeros(32U << 20, '\0');
  for (const auto& bomb : {gzip(zeros).value(), xz(zeros)}) {
    EXPECT_LT(bomb.size(), 64U << 10);
    const auto content = all_of(bomb, 8U << 20);
    ASSERT_FALSE(content);
    EXPECT_THAT(content.error().what, HasSubstr("more than whydrop would ever read"));
  }
}

TEST(ByteSource, OtherPackersAreNamed) {
  EXPECT_THAT(all_of("BZh91AY").error().what, HasSubstr("bzip2"));
  EXPECT_THAT(all_of("\x28\xb5\x2f\xfd....").error().what, HasSubstr("zstd"));
}

TEST(ByteSource, OnlyFilesAndPipesAreOpened) {
  EXPECT_THAT(open_bytes("/dev/null").error().what, HasSubstr("neither a file nor a pipe"));
  EXPECT_THAT(open_bytes("/").error().what, HasSubstr("neither a file nor a pipe"));
  EXPECT_THAT(open_bytes("/nonexistent").error().what, HasSubstr("No such file"));
  EXPECT_TRUE(open_bytes("/proc/self/exe"));
}

}  // namespace
}  // namespace base
