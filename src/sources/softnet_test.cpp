#include "sources/softnet.h"

#include <gmock/gmock.h>

#include <sstream>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using namespace testing_support;

Look look_at(std::string_view text, std::string_view before = "") {
  Look look;
  parse_softnet(text, before, look);
  return look;
}

std::string id(const std::string& name, const std::string& cpu) {
  return "softnet." + name + "{cpu=\"" + cpu + "\",shared=\"host\"}";
}

// An independent reading of the same text.
TEST(Softnet, TellsTheColumnsOfEveryKernelCaptured) {
  const auto kernels = kernels_with("softnet_stat");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    const Look look = look_at(capture(kernel, "softnet_stat"));
    std::istringstream text(capture(kernel, "softnet_stat"));
    std::string line;
    while (std::getline(text, line)) {
      std::istringstream columns(line);
      columns >> std::hex;
      std::vector<std::uint64_t> values;
      for (std::uint64_t value = 0; columns >> value;) values.push_back(value);
      const std::string cpu = std::to_string(values.at(12));
      EXPECT_THAT(look.counters, Contains(Pair(id("processed", cpu), values.at(0)))) << kernel;
      EXPECT_THAT(look.counters, Contains(Pair(id("dropped", cpu), values.at(1)))) << kernel;
      EXPECT_THAT(look.counters, Contains(Pair(id("time_squeeze", cpu), values.at(2)))) << kernel;
      EXPECT_THAT(look.counters, Contains(Pair(id("received_rps", cpu), values.at(9)))) << kernel;
      EXPECT_THAT(look.counters, Contains(Pair(id("flow_limit_count", cpu), values.at(10))));
      EXPECT_THAT(look.gauges, Contains(Pair(id("backlog_len", cpu), values.at(11)))) << kernel;
    }
  }
}

// Synthetic: the widths of kernels older than those captured.
TEST(Softnet, TakesNineTenAndElevenColumns) {
  const std::string nine = "0000000a 00000002 00000001 0 0 0 0 0 0";
  Look look = look_at(nine);
  EXPECT_THAT(look.counters, Contains(Pair(id("dropped", "0"), 2U)));
  EXPECT_THAT(look.counters, Not(Contains(Key(id("received_rps", "0")))));
  look = look_at(nine + " 0000000b");
  EXPECT_THAT(look.counters, Contains(Pair(id("received_rps", "0"), 11U)));
  EXPECT_THAT(look.counters, Not(Contains(Key(id("flow_limit_count", "0")))));
  look = look_at(nine + " 0000000b 0000000c");
  EXPECT_THAT(look.counters, Contains(Pair(id("flow_limit_count", "0"), 12U)));
  EXPECT_THAT(look.gauges, IsEmpty());
}

// Synthetic: CPU 1 is offline.
TEST(Softnet, TheCpuColumnWinsOverTheRow) {
  const std::string text =
      "1 2 3 0 0 0 0 0 0 0 0 0 00000000\n"
      "4 5 6 0 0 0 0 0 0 0 0 0 00000002\n";
  const Look look = look_at(text);
  EXPECT_THAT(look.counters, Contains(Pair(id("dropped", "2"), 5U)));
  EXPECT_THAT(look.counters, Not(Contains(Key(id("dropped", "1")))));
}

TEST(Softnet, AMalformedLineIsSkippedAndTheRestIsRead) {
  const std::string good = "1 2 3 0 0 0 0 0 0 0 0 0 00000005 0 0\n";
  EXPECT_THAT(look_at("").counters, IsEmpty());
  EXPECT_THAT(look_at("1 2 3\n").counters, IsEmpty());
  EXPECT_THAT(look_at("1 2 xyz 0 0 0 0 0 0 0 0 0 00000005\n").counters, IsEmpty());
  EXPECT_THAT(look_at("1 -2 3 0 0 0 0 0 0 0 0 0 00000005\n").counters, IsEmpty());
  EXPECT_THAT(look_at("1 2\n\n" + good).counters, Contains(Pair(id("dropped", "5"), 2U)));
  // More columns than we know: what we know is still where it was.
  EXPECT_THAT(look_at("1 2 3 0 0 0 0 0 0 0 0 0 5 0 0 7 8 9\n").counters,
              Contains(Pair(id("dropped", "5"), 2U)));
  EXPECT_THAT(look_at("ffffffffffffffff 2 3 0 0 0 0 0 0 0 0 0 5\n").counters,
              Contains(Pair(id("processed", "5"), UINT64_MAX)));
  EXPECT_THAT(look_at("10000000000000000 2 3 0 0 0 0 0 0 0 0 0 5\n").counters, IsEmpty());
}

TEST(Softnet, OnlyChangedLinesAreToldAgain) {
  const std::string before = "1 0 0 0 0 0 0 0 0 0 0 0 0\n2 0 0 0 0 0 0 0 0 0 0 0 1\n";
  const std::string after = "1 0 0 0 0 0 0 0 0 0 0 0 0\n3 0 0 0 0 0 0 0 0 0 0 0 1\n";
  EXPECT_THAT(look_at(before, before).counters, IsEmpty());
  const Look look = look_at(after, before);
  EXPECT_THAT(look.counters, Contains(Pair(id("processed", "1"), 3U)));
  EXPECT_THAT(look.counters, Not(Contains(Key(id("processed", "0")))));
  // A CPU came: nothing is taken for unchanged.
  EXPECT_THAT(look_at(after + "9 0 0 0 0 0 0 0 0 0 0 0 2\n", before).counters,
              Contains(Key(id("processed", "0"))));
}

TEST(Softnet, DamagedTextIsReadWithoutHarm) {
  const std::string sound = capture("6.18", "softnet_stat");
  ASSERT_FALSE(sound.empty());
  with_damage(sound, 5000, [&](const std::string& text) {
    for (const auto& [name, value] : look_at(text, sound).counters) {
      EXPECT_TRUE(name.starts_with("softnet.")) << name << value;
    }
  });
}

}  // namespace
}  // namespace sources
