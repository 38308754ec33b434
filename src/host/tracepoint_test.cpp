// The format files are those of captured kernels.
#include "host/tracepoint.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "base/text.h"
#include "host/drop_reasons.h"

namespace host {
namespace {

using testing::HasSubstr;

std::string captured(const std::string& kernel, const std::string& file) {
  const std::ifstream in(std::string(WHYDROP_CAPTURES) + "/" + kernel + "/" + file);
  EXPECT_TRUE(in) << kernel;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Tracepoint parsed(const std::string& kernel) {
  const auto tracepoint = parse_tracepoint(captured(kernel, "kfree_skb_format"));
  EXPECT_TRUE(tracepoint) << kernel;
  return tracepoint.value_or(Tracepoint{});
}

TEST(Tracepoint, FieldsMoveBetweenKernels) {
  struct Expected {
    const char* kernel;
    std::uint32_t protocol;
    std::uint32_t reason;  // 0: there is none
  };
  for (const auto& [kernel, protocol, reason] :
       {Expected{"5.10", 24, 0}, Expected{"6.1", 24, 28}, Expected{"6.12", 32, 36},
        Expected{"7.2", 32, 36}}) {
    const auto tracepoint = parsed(kernel);
    EXPECT_GT(tracepoint.id, 0U) << kernel;
    EXPECT_EQ(tracepoint.field("location")->offset_bytes, 16U) << kernel;
    EXPECT_EQ(tracepoint.field("location")->size_bytes, 8U) << kernel;
    EXPECT_EQ(tracepoint.field("protocol")->offset_bytes, protocol) << kernel;
    const auto found = tracepoint.field("reason").value_or(TracepointField{}).offset_bytes;
    EXPECT_EQ(found, reason) << kernel;
    EXPECT_FALSE(tracepoint.field("no_such_field")) << kernel;
  }
}

// What tracefs prints and what the BTF of the same kernel says are two witnesses of one enum.
TEST(Tracepoint, NamesOfReasonsAreThoseOfTheBtf) {
  for (const char* kernel : {"6.1", "6.12", "6.18", "7.2"}) {
    const auto tracepoint = parsed(kernel);
    size_t compared = 0;
    const auto text = captured(kernel, "drop_reasons");
    bool core = false;
    for (const auto line : base::lines(text)) {
      if (line.starts_with("enum ")) core = line == "enum skb_drop_reason";
      const auto words = base::words(line);
      const auto number = base::parse_number<std::uint32_t>(words.empty() ? "" : words[0]);
      if (!core || !number || !tracepoint.symbols.contains(*number)) continue;
      EXPECT_EQ("SKB_DROP_REASON_" + tracepoint.symbols.at(*number), words[1]) << kernel;
      ++compared;
    }
    EXPECT_EQ(compared, tracepoint.symbols.size()) << kernel;
    EXPECT_GT(compared, 50U) << kernel;
  }
}

TEST(Tracepoint, AKernelWithoutReasonsHasNoNames) {
  EXPECT_TRUE(parsed("5.10").symbols.empty());
}

TEST(Tracepoint, AnEnumThatTheKernelLeftByNameSaysNothing) {
  const auto tracepoint = parse_tracepoint(
      "ID: 7\n\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "print fmt: \"%s\", __print_symbolic(REC->a, { A_ONE, \"ONE\" }, { 2, \"TWO\" })\n");
  ASSERT_TRUE(tracepoint);
  EXPECT_EQ(tracepoint->symbols, (std::map<std::uint32_t, std::string>{{2, "TWO"}}));
  EXPECT_EQ(tracepoint->field("comm")->size_bytes, 16U);
}

TEST(Tracepoint, OtherTextIsRefused) {
  EXPECT_FALSE(parse_tracepoint(""));
  EXPECT_FALSE(parse_tracepoint("ID: 12\n"));
  EXPECT_FALSE(parse_tracepoint("\tfield:int a;\toffset:8;\tsize:4;\n"));
}

TEST(Tracepoint, IsReadWhereTracefsIsMounted) {
  base::MemoryFiles files;
  files.put("/sys/kernel/debug/tracing/events/skb/kfree_skb/format",
            captured("6.1", "kfree_skb_format"));
  const auto reasons = DropReasons::read_from_tracefs(files);
  ASSERT_TRUE(reasons);
  EXPECT_EQ(reasons->name(parsed("6.1").symbols.begin()->first),
            parsed("6.1").symbols.begin()->second);
}

}  // namespace
}  // namespace host
