#include "filter/insertion.h"

#include <gmock/gmock.h>
#include <linux/bpf.h>

#include <cstring>

#include <fmt/format.h>

#include "filter/compile.h"
#include "filter/packet.wire.h"
#include "filter/trial.h"

namespace filter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Instruction kExit{.code = BPF_JMP | BPF_EXIT};
constexpr Instruction kMark{.code = BPF_ALU | BPF_MOV | BPF_K, .immediate = wire::kFilterStubMark};
constexpr Instruction kOther{.code = BPF_ALU64 | BPF_MOV | BPF_K, .immediate = 1};

constexpr Instruction call(int distance) {
  return {.code = BPF_JMP | BPF_CALL, .registers = BPF_PSEUDO_CALL << 4, .immediate = distance};
}

TEST(Insertion, TheBodyTakesThePlaceOfTheStub) {
  const auto made = insert(std::vector{call(1), kExit, kMark, kExit}, std::vector{kOther, kExit});
  ASSERT_TRUE(made);
  EXPECT_THAT(*made, ElementsAre(call(1), kExit, kOther, kExit));
}

// main calls the last, the stub and the last again; the last calls the stub.
TEST(Insertion, CallsPastTheStubAndBackStillMeet) {
  const std::vector whole{call(5), call(2), call(3), kExit, kMark, kExit, kOther, call(-4), kExit};
  const auto longer = insert(whole, std::vector{kOther, kOther, kOther, kExit});
  ASSERT_TRUE(longer);
  EXPECT_THAT(*longer, ElementsAre(call(7), call(2), call(5), kExit, kOther, kOther, kOther, kExit,
                                   kOther, call(-6), kExit));
  const auto shorter = insert(whole, std::vector{kExit});
  ASSERT_TRUE(shorter);
  EXPECT_THAT(*shorter,
              ElementsAre(call(4), call(2), call(2), kExit, kExit, kOther, call(-3), kExit));
}

TEST(Insertion, AProgramWithoutAStubIsRefused) {
  const auto none = insert(std::vector{kOther, kExit}, std::vector{kExit});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().what, HasSubstr("no stub"));
  // The compiler has put the stub into its caller.
  const auto inlined = insert(std::vector{kMark, kExit}, std::vector{kExit});
  ASSERT_FALSE(inlined);
  EXPECT_THAT(inlined.error().what, HasSubstr("no subprogram"));
}

// 200 hosts, 200 of the longest addresses that there are, 100 ports.
TEST(Insertion, TheVerifierTakesTheLargestFilters) {
  const auto trial = Trial::open();
  if (!trial) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
  std::string v4;
  std::string v6;
  std::string ports;
  for (int host = 0; host < 200; ++host) {
    const auto* separator = host == 0 ? "" : " or ";
    v4 += fmt::format("{}host 10.{}.{}.7", separator, host, 255 - host);
    v6 += fmt::format("{}host 2001:db8:1111:2222:3333:4444:5555:{:x}", separator, 0x1000 + host);
    if (host < 100) ports += fmt::format("{}port {}", separator, 7 * host + 1);
  }
  for (const auto& expression : {v4, v6, ports}) {
    const auto program = compile(expression);
    ASSERT_TRUE(program) << program.error().what;
    EXPECT_GT(program->classic.size(), 300U);
    const auto loaded = trial->load(*program);
    EXPECT_TRUE(loaded) << loaded.error().what;
  }
}

TEST(Insertion, WhatTheVerifierRefusesIsSaidInItsWords) {
  const auto trial = Trial::open();
  if (!trial) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
  // Loads a byte behind the buffer.
  const Program program{.instructions = {{.code = BPF_LDX | BPF_MEM | BPF_B,
                                          .registers = 1 << 4,
                                          .offset = wire::kFilterPacketBytes},
                                         kExit},
                        .classic = {}};
  const auto loaded = trial->load(program);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().what, HasSubstr("load the filtered program: "));
  EXPECT_THAT(loaded.error().what, testing::AnyOf(HasSubstr("invalid access"), HasSubstr("R1")));
}

}  // namespace
}  // namespace filter
