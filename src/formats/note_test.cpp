#include "formats/note.h"

#include <gmock/gmock.h>

#include <random>

#include "base/text.h"

namespace formats {
namespace {

using testing::Optional;

TEST(Note, ReadsAsALineOfFacts) {
  Note note;
  note.set("reason", "SOCKET_RCVBUFF").set("at", "udp_queue_rcv_one_skb+0x437").set("pid", 812);
  EXPECT_EQ(note.text(), "whydrop reason=SOCKET_RCVBUFF at=udp_queue_rcv_one_skb+0x437 pid=812");
  EXPECT_THAT(note.find("pid"), Optional(std::string_view("812")));
  EXPECT_EQ(note.find("comm"), std::nullopt);
}

TEST(Note, WhatCannotStandBareIsQuoted) {
  const auto text = [](std::string_view value) { return Note().set("comm", value).text(); };
  EXPECT_EQ(text("Web Content"), R"(whydrop comm="Web Content")");
  EXPECT_EQ(text(""), R"(whydrop comm="")");
  EXPECT_EQ(text("a=b"), R"(whydrop comm="a=b")");
  EXPECT_EQ(text(R"(say "hi")"), R"(whydrop comm="say \"hi\"")");
  EXPECT_EQ(text("\x1b[31m"), R"(whydrop comm="\x1b[31m")");
  EXPECT_EQ(text(R"(\x1b)"), R"(whydrop comm="\\x1b")");
  EXPECT_EQ(text("\xff"), R"(whydrop comm="\xff")");
  EXPECT_EQ(text("caf\xc3\xa9"), "whydrop comm=caf\xc3\xa9");
  EXPECT_EQ(text("a\xe2\x80\xae"
                 "b"),
            R"(whydrop comm="a\xe2\x80\xaeb")");  // right-to-left
}

TEST(Note, TheLastValueOfAKeyHolds) {
  EXPECT_EQ(Note().set("n", 1).set("pid", 2).set("n", 3).text(), "whydrop n=3 pid=2");
  EXPECT_EQ(Note::parse("whydrop n=1 n=3")->text(), "whydrop n=3");
}

TEST(Note, ForeignAndDamagedLinesAreNone) {
  for (const char* line : {"",
                           "whydro",
                           "whydropx=1",
                           "whydrop n",
                           "whydrop n=",
                           "whydrop =1",
                           "whydrop  n=1",
                           "whydrop n=1 ",
                           "whydrop N=1",
                           "whydrop a b=1",
                           R"(whydrop n=")",
                           R"(whydrop n="a)",
                           R"(whydrop n="a"b)",
                           R"(whydrop n="\)",
                           R"(whydrop n="\q")",
                           R"(whydrop n="\x1")",
                           R"(whydrop n="\xg1")",
                           R"(whydrop n="\x)",
                           R"(whydrop n=a"b)",
                           R"(whydrop n=a\b)",
                           "whydrop n=a=b",
                           "a comment of somebody"}) {
    EXPECT_EQ(Note::parse(line), std::nullopt) << line;
  }
  EXPECT_EQ(Note::parse("whydrop"), Note());
}

TEST(Note, EndsWithItsLine) {
  EXPECT_THAT(Note::parse("whydrop n=1\r\nlooked at by me"), Optional(Note().set("n", 1)));
}

TEST(Note, IsFoundAmongOtherComments) {
  const auto note = Note::among({"by hand", "whydrop n=7", "whydrop n=8"});
  ASSERT_TRUE(note);
  EXPECT_THAT(note->find("n"), Optional(std::string_view("7")));
  EXPECT_EQ(Note::among({"by hand"}), std::nullopt);
}

TEST(Note, AListWithoutEndIsRefused) {
  std::string line = "whydrop";
  for (int field = 0; field < 100'000; ++field) line += " k" + std::to_string(field) + "=1";
  EXPECT_EQ(Note::parse(line), std::nullopt);
}

// Any bytes come back, and what was written is safe to print.
TEST(Note, AnyBytesComeBack) {
  std::mt19937_64 random(1);
  constexpr std::string_view kOften = "\\\"= x1b\xc3\xa9\xff\n";
  for (int round = 0; round < 5'000; ++round) {
    Note note;
    for (auto fields = random() % 6; fields > 0; --fields) {
      std::string value;
      for (auto length = random() % 8; length > 0; --length) {
        value += random() % 2 == 0 ? kOften[random() % kOften.size()] : static_cast<char>(random());
      }
      note.set("k" + std::to_string(fields), value);
    }
    const auto text = note.text();
    ASSERT_EQ(base::printable(text), text);
    ASSERT_THAT(Note::parse(text), Optional(note)) << text;
  }
}

TEST(Note, ParsingAnythingIsSafeAndStable) {
  std::mt19937_64 random(2);
  const std::string sound = R"(whydrop reason=X comm="a \"b\" \\ \x1b" n=37)";
  for (int round = 0; round < 20'000; ++round) {
    std::string line = sound.substr(0, random() % (sound.size() + 1));
    for (auto changes = random() % 3; changes > 0 && !line.empty(); --changes) {
      line[random() % line.size()] = static_cast<char>(random());
    }
    const auto note = Note::parse(line);
    if (note) {
      ASSERT_THAT(Note::parse(note->text()), Optional(*note)) << line;
    }
  }
}

}  // namespace
}  // namespace formats
