#include "render/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "render/columns.h"
#include "render/samples.h"

namespace render {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The colours that the sheet writes, taken out again.
std::string without_colour(std::string_view text) {
  std::string plain;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\x1b') {
      at = text.find('m', at);
    } else {
      plain += text[at];
    }
  }
  return plain;
}

TEST(Terminal, VerdictComesFirst) {
  EXPECT_THAT(terminal(healthy_sample(), {}), StartsWith("HEALTHY  no packet lost"));
  EXPECT_THAT(terminal(loss_sample(), {}), StartsWith("LOSS  11,980 packets lost"));
  EXPECT_THAT(terminal(inconclusive_sample(), {}), StartsWith("INCONCLUSIVE  nothing found"));
}

TEST(Terminal, SumComesOutEven) {
  const auto text = terminal(mixed_sample(), {});
  EXPECT_THAT(text, HasSubstr("12,431 = 11,980 udp.receive-buffer-full + 402 backlog.queue-full + "
                              "49 unexplained"));
  EXPECT_THAT(text, HasSubstr("by policy   120 netfilter.rule-drop\n"));
}

TEST(Terminal, QuietIsTheVerdictLineOnly) {
  const auto text = terminal(loss_sample(), {.columns = 20, .verbosity = -1});
  EXPECT_EQ(text,
            "LOSS  11,980 packets lost in the receive buffer of udp *:53 (dnsd (pid 812)) in 10.0 "
            "s\n");
}

TEST(Terminal, ColourIsOnlyEverASecondSign) {
  for (const auto& sample :
       {healthy_sample(), loss_sample(), mixed_sample(), inconclusive_sample()}) {
    const auto plain = terminal(sample, {});
    EXPECT_EQ(plain.find('\x1b'), std::string::npos);
    EXPECT_EQ(without_colour(terminal(sample, {.colour = true})), plain);
  }
}

// Only commands, which are to be copied, may pass the edge.
TEST(Terminal, StaysOnThePage) {
  for (const int columns : {60, 72, 80, 100, 120}) {
    for (const auto& sample :
         {healthy_sample(), loss_sample(), mixed_sample(), inconclusive_sample()}) {
      const auto text = terminal(sample, {.columns = columns, .verbosity = 1});
      for (const auto line : base::lines(text)) EXPECT_LE(columns_of(line), columns) << line;
    }
  }
}

TEST(Terminal, UntrustedNamesCannotReachTheTerminal) {
  const auto text = terminal(hostile_sample(), {.verbosity = 1});
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    ASSERT_TRUE(byte >= 0x20 || letter == '\n');
    ASSERT_NE(byte, 0x7f);
  }
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(text, HasSubstr("\\x1b[2J"));
  // A newline in a name must not make a line of its own.
  EXPECT_THAT(text, Not(HasSubstr("\nHEALTHY")));
}

TEST(Terminal, SilenceWhereNothingWasCounted) {
  auto diagnosis = healthy_sample();
  EXPECT_THAT(terminal(diagnosis, {}), HasSubstr("15,322 segments sent"));
  diagnosis.tcp = {};
  EXPECT_THAT(terminal(diagnosis, {}), Not(HasSubstr("segments sent")));
}

TEST(Terminal, EmptyDiagnosisIsPrinted) {
  EXPECT_THAT(terminal({}, {}), StartsWith("HEALTHY"));
}

TEST(Json, TellsNotMeasuredFromZero) {
  const auto document = nlohmann::json::parse(json(inconclusive_sample()));
  EXPECT_TRUE(document["totals"]["received"].is_null());
  EXPECT_EQ(document["totals"]["lost"], 0);
  EXPECT_TRUE(document["tcp"]["ratio"].is_null());
  EXPECT_TRUE(document["cost"]["bpf_ns_per_event"].is_null());
  EXPECT_TRUE(document["window"]["traced_by"].is_null());
}

TEST(Json, HostileTextIsStillAValidDocument) {
  const auto text = json(hostile_sample());
  const auto document = nlohmann::json::parse(text, nullptr, false);
  ASSERT_FALSE(document.is_discarded());
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(document["findings"][0]["at"]["dev"].get<std::string>(), HasSubstr("\x1b[2J"));
}

// Exit status of tests/schema/validate.py for a document.
int validated(const std::string& document) {
  // Tests run side by side: each process has a file of its own.
  const auto path = testing::TempDir() + "whydrop_diagnosis." + std::to_string(getpid());
  std::ofstream(path) << document;
  const std::string tests = std::string(WHYDROP_CAPTURES) + "/../";
  const auto command = "python3 '" + tests + "schema/validate.py' '" + path + "' '" + tests +
                       "../docs/schema/diagnosis.json' 2>&1";
  const int status = std::system(command.c_str());
  unlink(path.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kNoValidator = 77;

TEST(JsonSchema, TakesWhatIsWritten) {
  if (validated("{}") == kNoValidator) GTEST_SKIP() << "needs python3-jsonschema";
  for (const auto& sample : {healthy_sample(), loss_sample(), mixed_sample(), inconclusive_sample(),
                             hostile_sample(), model::Diagnosis{}}) {
    EXPECT_EQ(validated(json(sample)), 0);
  }
}

TEST(JsonSchema, RefusesWhatIsNot) {
  if (validated("{}") == kNoValidator) GTEST_SKIP() << "needs python3-jsonschema";
  const auto good = nlohmann::json::parse(json(loss_sample()));
  auto missing = good;
  missing["totals"].erase("unexplained");
  EXPECT_EQ(validated(missing.dump()), 1);
  auto unknown = good;
  unknown["findings"][0]["colour"] = "red";
  EXPECT_EQ(validated(unknown.dump()), 1);
  auto text = good;
  text["accounts"][0]["packets"] = "11980";
  EXPECT_EQ(validated(text.dump()), 1);
  auto inode = good;
  inode["netns"][0]["id"] = 4026531840;
  EXPECT_EQ(validated(inode.dump()), 1);
}

TEST(Json, FollowsTheUnits) {
  const auto document = nlohmann::json::parse(json(loss_sample()));
  EXPECT_EQ(document["window"]["start"], "2026-11-22T10:00:00.000Z");
  EXPECT_EQ(document["window"]["seconds"], 10.0004);
  EXPECT_EQ(document["netns"][1]["id"], "4026532281");
  EXPECT_EQ(document["accounts"][0]["hits"][0]["flow"].dump(),
            R"(["udp","10.0.0.1",40000,"10.0.0.2",53])");
}

TEST(Columns, CountWhatTheTerminalShows) {
  EXPECT_EQ(columns_of("eth0"), 4);
  EXPECT_EQ(columns_of("✓ ✗ › ·"), 7);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1);
  EXPECT_EQ(columns_of("日本"), 4);
  EXPECT_EQ(columns_of("\xff\xe2"), 2);
}

TEST(Columns, WrapAtBlanksAndInsideLongWords) {
  EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("abcdefgh ij", 3), ElementsAre("abc", "def", "gh", "ij"));
  EXPECT_THAT(wrapped("日本語", 4), ElementsAre("日本", "語"));
  EXPECT_THAT(wrapped("", 10), ElementsAre(""));
  EXPECT_THAT(wrapped("日本", 1), ElementsAre("日", "本"));
}

TEST(Columns, ShortCountsFitFiveColumns) {
  EXPECT_EQ(short_count(0), "0");
  EXPECT_EQ(short_count(9'999), "9,999");
  EXPECT_EQ(short_count(10'000), "10.0k");
  EXPECT_EQ(short_count(99'960), "100k");
  EXPECT_EQ(short_count(999'499), "999k");
  EXPECT_EQ(short_count(999'500), "1.00M");
  EXPECT_EQ(short_count(9'841'233), "9.84M");
  EXPECT_LE(short_count(UINT64_MAX).size(), 6U);
}

}  // namespace
}  // namespace render
