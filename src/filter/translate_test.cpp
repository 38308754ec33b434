// Each classic opcode, by what it does: programs of a few instructions, run by the interpreter, and
// by libpcap's where that defines what happens.
#include "filter/translate.h"

#include <gmock/gmock.h>
#include <linux/filter.h>

#include <set>

#include "filter/compile.h"
#include "filter/interpreter.h"

namespace filter {
namespace {

using testing::HasSubstr;
using Classic = std::vector<ClassicInstruction>;

constexpr std::uint32_t kLength = 1500;
const std::vector<std::uint8_t> kPacket = {0x45, 0x01, 0x02, 0x83, 0xf4, 0xff, 0x06, 0x07};

constexpr ClassicInstruction one(int code, std::uint32_t value = 0) {
  return {.code = static_cast<std::uint16_t>(code), .value = value};
}
constexpr ClassicInstruction jump(int code, std::uint32_t value, std::uint8_t when_true,
                                  std::uint8_t when_false) {
  return {static_cast<std::uint16_t>(code), when_true, when_false, value};
}
const ClassicInstruction kReturnA = one(BPF_RET | BPF_A);

// Nothing where the kernel would refuse the program.
std::optional<std::uint32_t> run(const Classic& classic,
                                 std::span<const std::uint8_t> packet = kPacket) {
  const auto instructions = translate(classic);
  EXPECT_TRUE(instructions) << instructions.error().what;
  if (!instructions) return {};
  const auto verdict = Interpreter(*instructions).run(packet, kLength);
  EXPECT_EQ(verdict.value_or(0) != 0,
            matches({.instructions = {}, .classic = classic}, packet, kLength));
  return verdict;
}

struct Loads {
  int code;
  std::uint32_t value;
  std::uint32_t loaded;
};

TEST(Translate, Loads) {
  for (const auto& [code, value, loaded] :
       {Loads{BPF_LD | BPF_W | BPF_ABS, 0, 0x45010283},
        Loads{BPF_LD | BPF_W | BPF_ABS, 4, 0xf4ff0607}, Loads{BPF_LD | BPF_W | BPF_ABS, 5, 0},
        Loads{BPF_LD | BPF_H | BPF_ABS, 3, 0x83f4}, Loads{BPF_LD | BPF_H | BPF_ABS, 7, 0},
        Loads{BPF_LD | BPF_B | BPF_ABS, 7, 7}, Loads{BPF_LD | BPF_B | BPF_ABS, 8, 0},
        Loads{BPF_LD | BPF_B | BPF_ABS, 127, 0}, Loads{BPF_LD | BPF_B | BPF_ABS, 128, 0},
        Loads{BPF_LD | BPF_W | BPF_ABS, 0x7fffffff, 0}, Loads{BPF_LD | BPF_W | BPF_LEN, 0, kLength},
        Loads{BPF_LD | BPF_IMM, 0xfffffffe, 0xfffffffe}}) {
    EXPECT_EQ(run({one(code, value), kReturnA}), loaded) << code << " " << value;
  }
  for (const auto& [code, value, loaded] :
       {Loads{BPF_LDX | BPF_IMM, 77, 77}, Loads{BPF_LDX | BPF_W | BPF_LEN, 0, kLength},
        Loads{BPF_LDX | BPF_B | BPF_MSH, 0, 20}, Loads{BPF_LDX | BPF_B | BPF_MSH, 5, 60},
        Loads{BPF_LDX | BPF_B | BPF_MSH, 8, 0}}) {
    EXPECT_EQ(run({one(code, value), one(BPF_MISC | BPF_TXA), kReturnA}), loaded) << code;
  }
}

struct AtIndex {
  int size;
  std::uint32_t index;
  std::uint32_t offset;
  std::uint32_t loaded;
};

TEST(Translate, LoadsAtAnIndexNeverWrapAround) {
  for (const auto& [size, index, offset, loaded] :
       {AtIndex{BPF_W, 2, 2, 0xf4ff0607}, AtIndex{BPF_W, 2, 3, 0}, AtIndex{BPF_H, 6, 0, 0x0607},
        AtIndex{BPF_H, 7, 0, 0}, AtIndex{BPF_B, 0, 7, 7}, AtIndex{BPF_B, 8, 0, 0},
        AtIndex{BPF_B, 0xffffffff, 4, 0}, AtIndex{BPF_W, 0xfffffffe, 2, 0},
        AtIndex{BPF_B, 4, 0xffffffU, 0}, AtIndex{BPF_B, 0x7fffffff, 127, 0},
        AtIndex{BPF_H, 128, 0, 0}, AtIndex{BPF_B, 120, 120, 0}}) {
    EXPECT_EQ(run({one(BPF_LDX | BPF_IMM, index), one(BPF_LD | size | BPF_IND, offset), kReturnA}),
              loaded)
        << index << " + " << offset;
  }
}

struct Sum {
  int operation;
  std::uint32_t left;
  std::uint32_t right;
  std::uint32_t result;
};

TEST(Translate, ArithmeticWithConstantAndIndex) {
  for (const auto& [operation, left, right, result] :
       {Sum{BPF_ADD, 0xffffffff, 2, 1}, Sum{BPF_SUB, 1, 2, 0xffffffff},
        Sum{BPF_MUL, 0x10000, 0x10001, 0x10000}, Sum{BPF_DIV, 0xfffffffe, 0xffffffff, 0},
        Sum{BPF_DIV, 0xffffffff, 2, 0x7fffffff}, Sum{BPF_MOD, 0xffffffff, 0x80000000, 0x7fffffff},
        Sum{BPF_AND, 0xf0f0, 0xff00, 0xf000}, Sum{BPF_OR, 0xf0, 0x80000000, 0x800000f0},
        Sum{BPF_XOR, 0xff, 0x0f, 0xf0}, Sum{BPF_LSH, 1, 31, 0x80000000},
        Sum{BPF_LSH, 3, 31, 0x80000000}, Sum{BPF_RSH, 0x80000000, 31, 1},
        Sum{BPF_RSH, 0x80000000, 0, 0x80000000}}) {
    EXPECT_EQ(run({one(BPF_LD | BPF_IMM, left), one(BPF_ALU | operation | BPF_K, right), kReturnA}),
              result)
        << operation;
    EXPECT_EQ(run({one(BPF_LD | BPF_IMM, left), one(BPF_LDX | BPF_IMM, right),
                   one(BPF_ALU | operation | BPF_X), kReturnA}),
              result)
        << operation;
  }
  EXPECT_EQ(run({one(BPF_LD | BPF_IMM, 1), one(BPF_ALU | BPF_NEG), kReturnA}), 0xffffffff);
  EXPECT_EQ(run({one(BPF_LD | BPF_IMM, 0x80000000), one(BPF_ALU | BPF_NEG), kReturnA}), 0x80000000);
}

TEST(Translate, WhatDividesByNothingRefusesThePacket) {
  for (const int operation : {BPF_DIV, BPF_MOD}) {
    EXPECT_EQ(run({one(BPF_LD | BPF_IMM, 5), one(BPF_LDX | BPF_IMM, 0),
                   one(BPF_ALU | operation | BPF_X), one(BPF_RET | BPF_K, 1)}),
              0U);
    const auto constant = translate(Classic{
        one(BPF_LD | BPF_IMM, 5), one(BPF_ALU | operation | BPF_K, 0), one(BPF_RET | BPF_K, 1)});
    ASSERT_TRUE(constant);
    EXPECT_EQ(Interpreter(*constant).run(kPacket, kLength), 0U);
  }
}

TEST(Translate, ShiftsOfMoreThanAWordLeaveNothing) {
  for (const int operation : {BPF_LSH, BPF_RSH}) {
    for (const std::uint32_t distance : {32U, 33U, 64U, 0xffffffffU}) {
      EXPECT_EQ(run({one(BPF_LD | BPF_IMM, 0xffffffff), one(BPF_LDX | BPF_IMM, distance),
                     one(BPF_ALU | operation | BPF_X), kReturnA}),
                0U);
      // libpcap leaves this one to the compiler that built it.
      const auto constant = translate(Classic{
          one(BPF_LD | BPF_IMM, 0xffffffff), one(BPF_ALU | operation | BPF_K, distance), kReturnA});
      ASSERT_TRUE(constant);
      EXPECT_EQ(Interpreter(*constant).run(kPacket, kLength), 0U);
    }
  }
}

TEST(Translate, MemoryKeepsItsWords) {
  for (std::uint32_t word = 0; word < BPF_MEMWORDS; ++word) {
    const auto other = (word + 1) % BPF_MEMWORDS;
    EXPECT_EQ(run({one(BPF_LD | BPF_IMM, 7), one(BPF_LDX | BPF_IMM, 9), one(BPF_ST, word),
                   one(BPF_STX, other), one(BPF_LD | BPF_IMM, 0), one(BPF_LD | BPF_MEM, word),
                   one(BPF_LDX | BPF_MEM, other), one(BPF_ALU | BPF_MUL | BPF_X), kReturnA}),
              63U);
  }
}

TEST(Translate, RegistersMoveToEachOther) {
  EXPECT_EQ(run({one(BPF_LD | BPF_IMM, 7), one(BPF_MISC | BPF_TAX), one(BPF_LD | BPF_IMM, 1),
                 one(BPF_MISC | BPF_TXA), kReturnA}),
            7U);
  EXPECT_EQ(run({kReturnA}), 0U);
  EXPECT_EQ(run({one(BPF_MISC | BPF_TXA), kReturnA}), 0U);
}

struct Comparison {
  int operation;
  std::uint32_t left;
  std::uint32_t right;
  bool holds;
};

// Both ways forward, either way next, and both ways to the same place.
TEST(Translate, BranchesOfEveryShape) {
  for (const auto& [operation, left, right, holds] :
       {Comparison{BPF_JEQ, 0xffffffff, 0xffffffff, true}, Comparison{BPF_JEQ, 1, 2, false},
        Comparison{BPF_JGT, 0x80000000, 1, true}, Comparison{BPF_JGT, 1, 1, false},
        Comparison{BPF_JGE, 1, 1, true}, Comparison{BPF_JGE, 1, 0xffffffff, false},
        Comparison{BPF_JSET, 0x80000000, 0x80000000, true}, Comparison{BPF_JSET, 5, 2, false}}) {
    for (const int source : {BPF_K, BPF_X}) {
      const Classic before = {one(BPF_LD | BPF_IMM, left), one(BPF_LDX | BPF_IMM, right)};
      const auto answer = [&](std::uint8_t when_true, std::uint8_t when_false, Classic after) {
        auto program = before;
        program.push_back(
            jump(BPF_JMP | operation | source, source == BPF_K ? right : 0, when_true, when_false));
        program.insert(program.end(), after.begin(), after.end());
        return run(program);
      };
      const auto yes = one(BPF_RET | BPF_K, 10);
      const auto no = one(BPF_RET | BPF_K, 20);
      const std::uint32_t expected = holds ? 10 : 20;
      EXPECT_EQ(answer(0, 1, {yes, no}), expected) << operation;
      EXPECT_EQ(answer(1, 0, {no, yes}), expected) << operation;
      EXPECT_EQ(answer(2, 1, {one(BPF_RET | BPF_K, 30), no, yes}), expected) << operation;
      EXPECT_EQ(answer(1, 1, {no, yes}), 10U) << operation;
      EXPECT_EQ(answer(0, 0, {yes}), 10U) << operation;
    }
  }
  EXPECT_EQ(
      run({jump(BPF_JMP | BPF_JA, 1, 0, 0), one(BPF_RET | BPF_K, 1), one(BPF_RET | BPF_K, 2)}), 2U);
}

// One way knows that eight bytes are captured, the other does not.
TEST(Translate, WhatOneWayHasCheckedTheOtherChecksAgain) {
  const Classic program = {one(BPF_LD | BPF_W | BPF_LEN), jump(BPF_JMP | BPF_JEQ, kLength, 1, 0),
                           one(BPF_LD | BPF_B | BPF_ABS, 7), one(BPF_LD | BPF_B | BPF_ABS, 6),
                           one(BPF_RET | BPF_K, 1)};
  EXPECT_EQ(run(program), 1U);
  EXPECT_EQ(run(program, std::span(kPacket).first(6)), 0U);
  EXPECT_EQ(run(program, std::span(kPacket).first(7)), 1U);
  EXPECT_EQ(run(program, {}), 0U);
}

// The verifier would refuse the whole program for it.
TEST(Translate, WhatCannotBeReachedIsLeftOut) {
  const Classic plain = {one(BPF_RET | BPF_K, 1)};
  const Classic padded = {jump(BPF_JMP | BPF_JA, 2, 0, 0), one(BPF_LD | BPF_W | BPF_ABS, 0),
                          one(BPF_RET | BPF_K, 2), one(BPF_RET | BPF_K, 1)};
  EXPECT_EQ(translate(plain)->size() + 1, translate(padded)->size());
  const Classic refusing = {one(BPF_LD | BPF_W | BPF_ABS, 1000), one(BPF_RET | BPF_K, 1)};
  EXPECT_EQ(translate(refusing)->size(), translate(plain)->size() + 1);
}

TEST(Translate, RefusesWhatItCannotTranslate) {
  const auto error = [](const Classic& classic) {
    const auto instructions = translate(classic);
    return instructions ? std::string() : instructions.error().what;
  };
  const auto end = one(BPF_RET | BPF_K, 1);
  EXPECT_THAT(error({}), HasSubstr("does not end"));
  EXPECT_THAT(error({one(BPF_LD | BPF_IMM, 1)}), HasSubstr("does not end"));
  EXPECT_THAT(error({one(BPF_ALU | 0xd0), end}), HasSubstr("unknown instruction 0xd4"));
  EXPECT_THAT(error({one(BPF_JMP | 0x50), end}), HasSubstr("unknown instruction"));
  EXPECT_THAT(error({one(BPF_LDX | BPF_H | BPF_ABS), end}), HasSubstr("unknown instruction"));
  EXPECT_THAT(error({one(BPF_RET | BPF_X), end}), HasSubstr("unknown instruction"));
  EXPECT_THAT(error({one(0xffff), end}), HasSubstr("unknown instruction"));
  EXPECT_THAT(error({one(BPF_ST, 16), end}), HasSubstr("no M[16]"));
  EXPECT_THAT(error({one(BPF_LD | BPF_MEM, 0xffffffff), end}), HasSubstr("no M["));
  EXPECT_THAT(error({one(BPF_LD | BPF_MEM, 3), end}), HasSubstr("not written"));
  EXPECT_THAT(
      error({jump(BPF_JMP | BPF_JEQ, 0, 1, 0), one(BPF_ST, 3), one(BPF_LD | BPF_MEM, 3), end}),
      HasSubstr("not written"));
  EXPECT_THAT(error({jump(BPF_JMP | BPF_JEQ, 0, 0, 9), end}), HasSubstr("loops"));
  EXPECT_THAT(error({jump(BPF_JMP | BPF_JA, 0xffffffff, 0, 0), end}), HasSubstr("loops"));
  EXPECT_THAT(error({one(BPF_LD | BPF_B | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF)), end}),
              HasSubstr("not in the packet"));
  Classic longest(20000, one(BPF_LD | BPF_B | BPF_IND, 0));
  longest.push_back(end);
  EXPECT_THAT(error(longest), HasSubstr("too long"));
}

}  // namespace
}  // namespace filter
