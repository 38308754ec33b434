// Two judges of one filter: libpcap's interpreter of the classic program, and the eBPF that we made
// of it, run by an interpreter of our own, and by the kernel where it lets us.
//
//   WHYDROP_FILTER_SEED=7 WHYDROP_FILTER_PAIRS=1000000 filter_test --gtest_filter='Differential*'
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "filter/compile.h"
#include "filter/interpreter.h"
#include "filter/random_expression.h"
#include "filter/random_packet.h"
#include "filter/trial.h"

namespace filter {
namespace {

constexpr std::uint64_t kPacketsOfFilter = 100;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return base::parse_number(text == nullptr ? "" : text).value_or(otherwise);
}

struct Pair {
  std::string_view expression;
  const Program& program;
  const RandomPacket& packet;
  bool expected;
};

std::string told(const Pair& pair) {
  std::string text = fmt::format("{}\n{} of {} bytes:", pair.expression, pair.packet.bytes.size(),
                                 pair.packet.length);
  for (const auto byte : pair.packet.bytes) text += fmt::format(" {:02x}", byte);
  for (const auto& line : listing(pair.program)) text += "\n" + line;
  return text;
}

class Differential : public testing::Test {
 protected:
  // Calls `judge` for each filter; what that returns is called for each packet.
  template <class Judge>
  void compare(const Judge& judge) {
    const auto seed = number_from("WHYDROP_FILTER_SEED", 20240607);
    const auto wanted = number_from("WHYDROP_FILTER_PAIRS", 100000);
    ExpressionMaker expressions(seed);
    PacketMaker packets(seed + 1);
    std::uint64_t pairs = 0;
    std::uint64_t matched = 0;
    std::uint64_t filters = 0;
    std::uint64_t refused = 0;
    std::uint64_t both_ways = 0;
    std::size_t longest = 0;
    while (pairs < wanted && !HasFailure()) {
      const auto expression = expressions.make();
      const auto program = compile(expression);
      if (!program) {
        ++refused;
        ASSERT_LT(refused, 10000 + filters) << program.error().what;
        continue;
      }
      ++filters;
      longest = std::max(longest, program->classic.size());
      auto verdict_of = judge(*program);
      std::uint64_t matches_here = 0;
      for (std::uint64_t at = 0; at < kPacketsOfFilter && !HasFailure(); ++at, ++pairs) {
        const auto packet = packets.make(wire::kFilterPacketBytes);
        const bool expected = matches(*program, packet.bytes, packet.length);
        const Pair pair{expression, *program, packet, expected};
        matches_here += expected ? 1 : 0;
        EXPECT_EQ(verdict_of(pair), expected) << told(pair);
      }
      matched += matches_here;
      both_ways += matches_here > 0 && matches_here < kPacketsOfFilter ? 1 : 0;
    }
    std::printf(
        "seed %llu: %llu pairs, %llu of them match; %llu filters (%llu refused by libpcap), "
        "the longest of %zu instructions; %llu matched some packets and some not\n",
        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(pairs),
        static_cast<unsigned long long>(matched), static_cast<unsigned long long>(filters),
        static_cast<unsigned long long>(refused), longest,
        static_cast<unsigned long long>(both_ways));
    // Judges that always say no would agree on packets that never match.
    EXPECT_GT(matched, pairs / 5);
    EXPECT_LT(matched, pairs - pairs / 5);
    EXPECT_GT(both_ways, filters / 2);
  }
};

TEST_F(Differential, OurInterpreterAgreesWithLibpcap) {
  compare([](const Program& program) {
    return [interpreter = Interpreter(program.instructions)](const Pair& pair) mutable {
      const auto verdict = interpreter.run(pair.packet.bytes, pair.packet.length);
      EXPECT_TRUE(verdict) << "the kernel would refuse this\n" << told(pair);
      return verdict.value_or(0) != 0;
    };
  });
}

TEST_F(Differential, TheKernelAgreesWithLibpcap) {
  const auto trial = Trial::open();
  if (!trial) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
  compare([&trial](const Program& program) {
    auto loaded = trial->load(program);
    EXPECT_TRUE(loaded) << loaded.error().what;
    return [&trial, filter = std::move(loaded).value_or(base::Descriptor())](const Pair& pair) {
      const int verdict = trial->run(filter.get(), pair.packet.bytes, pair.packet.length);
      EXPECT_GE(verdict, 0) << std::strerror(errno);
      return verdict > 0;
    };
  });
}

}  // namespace
}  // namespace filter
