#include "host/symbols.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <string>

namespace host {
namespace {

using testing::HasSubstr;

std::string capture(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(WHYDROP_CAPTURES) + "/" + name).rdbuf();
  return text.str();
}

TEST(Symbols, FindTheFunctionThatHoldsAnAddress) {
  const auto symbols = Symbols::parse(capture("6.18/kallsyms"));
  ASSERT_TRUE(symbols);
  const Symbol symbol = symbols->at(0xffffffff82047670 + 0x437);
  EXPECT_EQ(symbol.name, "udp_queue_rcv_one_skb");
  EXPECT_EQ(symbol.offset, 0x437U);
  EXPECT_EQ(symbol.module, "");
  EXPECT_EQ(location_text(symbol), "udp_queue_rcv_one_skb+0x437");
}

TEST(Symbols, NameTheModule) {
  const auto symbols = Symbols::parse(capture("6.12/kallsyms"));
  ASSERT_TRUE(symbols);
  EXPECT_EQ(location_text(symbols->at(0xffffffffc02ab0b1)), "tbf_offload_change+0x11 [sch_tbf]");
}

// In that file "$x" stands at the same address, one line before.
TEST(Symbols, AMarkOfArm64IsNoFunction) {
  const auto symbols = Symbols::parse(capture("6.1-arm64/kallsyms"));
  ASSERT_TRUE(symbols);
  EXPECT_EQ(location_text(symbols->at(0xffffd488d2a79010)), "qdisc_peek_dequeued+0x10 [sch_tbf]");
  EXPECT_EQ(location_text(symbols->at(0xffffd488d2a7a5f4)), "tbf_module_exit+0x0 [sch_tbf]");
}

TEST(Symbols, DataIsNoPlaceOfCode) {
  const auto symbols = Symbols::parse(
      "ffffffff81000000 T _text\n"
      "ffffffff81000100 D some_data\n"
      "ffffffff81000200 r some_table\n");
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->at(0xffffffff81000210).name, "_text");
}

TEST(Symbols, OfSeveralNamesTheFirstIsTaken) {
  const auto symbols = Symbols::parse(
      "ffffffff81000000 T before\n"
      "ffffffff81000010 t zz_first\n"
      "ffffffff81000010 T aa_second\n");
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->at(0xffffffff81000014).name, "zz_first");
}

TEST(Symbols, LinesOutOfOrderAreSorted) {
  const auto symbols = Symbols::parse(
      "ffffffffc0000000 t late\t[module]\n"
      "ffffffff81000000 T early\n");
  ASSERT_TRUE(symbols);
  EXPECT_EQ(location_text(symbols->at(0xffffffff81000004)), "early+0x4");
  EXPECT_EQ(location_text(symbols->at(0xffffffffc0000004)), "late+0x4 [module]");
}

TEST(Symbols, AnAddressThatNothingHoldsStaysANumber) {
  const auto symbols = Symbols::parse("ffffffff81000000 T only\n");
  ASSERT_TRUE(symbols);
  EXPECT_EQ(location_text(symbols->at(0x1000)), "0x1000");
  EXPECT_EQ(location_text(symbols->at(0xffffffffc0000000)), "0xffffffffc0000000");
}

TEST(Symbols, MalformedLinesAreSkipped) {
  const auto symbols = Symbols::parse(
      "garbage\n"
      "ffffffff81000000\n"
      "ffffffff81000000 T\n"
      "\n"
      "ffffffff81000010 T good\t[torn\n"
      "zzzz T bad");
  ASSERT_TRUE(symbols);
  EXPECT_EQ(location_text(symbols->at(0xffffffff81000011)), "good+0x1");
}

TEST(Symbols, HiddenAddressesAreAnErrorThatNamesTheCapability) {
  const auto symbols = Symbols::parse(
      "0000000000000000 T _text\n"
      "0000000000000000 t udp_rcv\n");
  ASSERT_FALSE(symbols);
  EXPECT_THAT(symbols.error().hint, HasSubstr("CAP_SYSLOG"));
}

}  // namespace
}  // namespace host
