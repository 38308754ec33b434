#include "base/text.h"

#include <gmock/gmock.h>

namespace base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Words, AreSeparatedByAnyRunOfBlanksAndTabs) {
  EXPECT_THAT(words("  a \t b\tc  "), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words(" \t "), IsEmpty());
  EXPECT_THAT(words(""), IsEmpty());
}

TEST(Lines, LastLineCountsWithAndWithoutNewline) {
  EXPECT_THAT(lines("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines("a\nb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(lines(""), IsEmpty());
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a::b", ':'), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("", ':'), ElementsAre(""));
  EXPECT_THAT(split(":", ':'), ElementsAre("", ""));
}

TEST(Trim, TakesBlanksAndLineEndsFromBothEnds) {
  EXPECT_EQ(trim("\t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(ParseNumber, TakesOnlyTextThatIsANumberFromEndToEnd) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_number("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_number("-1"), std::nullopt);
  EXPECT_EQ(parse_number<int>("-1"), -1);
  EXPECT_EQ(parse_number("+1"), std::nullopt);
  EXPECT_EQ(parse_number("1 "), std::nullopt);
  EXPECT_EQ(parse_number(" 1"), std::nullopt);
  EXPECT_EQ(parse_number("12x"), std::nullopt);
  EXPECT_EQ(parse_number(""), std::nullopt);
  EXPECT_EQ(parse_number<std::uint8_t>("256"), std::nullopt);
}

TEST(ParseNumber, ReadsHexadecimalWithoutPrefix) {
  EXPECT_EQ(parse_number("fF", 16), 255U);
  EXPECT_EQ(parse_number("0x10", 16), std::nullopt);
  EXPECT_EQ(parse_number("ff", 10), std::nullopt);
}

TEST(Printable, LeavesWellFormedTextAlone) {
  EXPECT_EQ(printable("eth0 – ß 漢 😀"), "eth0 – ß 漢 😀");
  EXPECT_EQ(printable("a\\b"), "a\\b");
}

TEST(Printable, ShowsControlCharactersAsHex) {
  EXPECT_EQ(printable("\x1b[31mred\n"), "\\x1b[31mred\\x0a");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  // U+009B, which a terminal takes for ESC [.
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(Printable, ShowsCharactersThatReorderOrHideTextAsHex) {
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left override
  EXPECT_EQ(printable("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");  // isolate
  EXPECT_EQ(printable("\xe2\x80\x8b"), "\\xe2\\x80\\x8b");  // zero-width space
  EXPECT_EQ(printable("\xef\xbb\xbf"), "\\xef\\xbb\\xbf");  // byte order mark
}

TEST(Printable, ShowsInvalidUtf8AsHex) {
  EXPECT_EQ(printable("\xc3"), "\\xc3");                             // cut short
  EXPECT_EQ(printable("\xc3("), "\\xc3(");                           // wrong continuation
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");                    // overlong "/"
  EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf");  // overlong
  EXPECT_EQ(printable("\xff"), "\\xff");
}

// Whatever goes in: what comes out is printable as it stands, so a second pass changes nothing.
TEST(Printable, IsAFixedPointForEveryPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string raw{static_cast<char>(first), static_cast<char>(second)};
      const std::string safe = printable(raw);
      EXPECT_EQ(printable(safe), safe) << first << ' ' << second;
      for (const char letter : safe) EXPECT_GE(static_cast<unsigned char>(letter), 0x20);
    }
  }
}

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(BytesText, UsesTheLargestUnitThatFits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(425'984), "416 KiB");
  EXPECT_EQ(bytes_text(std::uint64_t{5} << 40), "5.0 TiB");
}

TEST(ShellQuoted, LeavesPlainWordsAloneAndQuotesTheRest) {
  EXPECT_EQ(shell_quoted("net.core.rmem_max=1"), "net.core.rmem_max=1");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's; rm -rf $HOME"), "'it'\\''s; rm -rf $HOME'");
  EXPECT_EQ(shell_quoted("~"), "'~'");
}

}  // namespace
}  // namespace base
