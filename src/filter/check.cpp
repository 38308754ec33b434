#include "filter/check.h"

#include <linux/bpf.h>
#include <linux/filter.h>

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace filter {
namespace {

// From here on, an offset stands for something that the kernel knows of a packet.
constexpr auto kNotInPacket = static_cast<std::uint32_t>(SKF_LL_OFF);

constexpr auto kKnown = std::to_array<std::uint16_t>({BPF_LD | BPF_IMM,
                                                      BPF_LD | BPF_MEM,
                                                      BPF_LD | BPF_W | BPF_LEN,
                                                      BPF_LD | BPF_W | BPF_ABS,
                                                      BPF_LD | BPF_H | BPF_ABS,
                                                      BPF_LD | BPF_B | BPF_ABS,
                                                      BPF_LD | BPF_W | BPF_IND,
                                                      BPF_LD | BPF_H | BPF_IND,
                                                      BPF_LD | BPF_B | BPF_IND,
                                                      BPF_LDX | BPF_IMM,
                                                      BPF_LDX | BPF_MEM,
                                                      BPF_LDX | BPF_W | BPF_LEN,
                                                      BPF_LDX | BPF_B | BPF_MSH,
                                                      BPF_ST,
                                                      BPF_STX,
                                                      BPF_ALU | BPF_NEG,
                                                      BPF_JMP | BPF_JA,
                                                      BPF_RET | BPF_K,
                                                      BPF_RET | BPF_A,
                                                      BPF_MISC | BPF_TAX,
                                                      BPF_MISC | BPF_TXA});
// With a constant or with X.
constexpr auto kKnownOfTwo = std::to_array<std::uint16_t>(
    {BPF_ALU | BPF_ADD, BPF_ALU | BPF_SUB, BPF_ALU | BPF_MUL, BPF_ALU | BPF_DIV, BPF_ALU | BPF_MOD,
     BPF_ALU | BPF_AND, BPF_ALU | BPF_OR, BPF_ALU | BPF_XOR, BPF_ALU | BPF_LSH, BPF_ALU | BPF_RSH,
     BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JGT, BPF_JMP | BPF_JGE, BPF_JMP | BPF_JSET});

bool is_known(std::uint16_t code) {
  const auto without_source = static_cast<std::uint16_t>(code & ~BPF_X);
  return std::ranges::find(kKnown, code) != kKnown.end() ||
         std::ranges::find(kKnownOfTwo, without_source) != kKnownOfTwo.end();
}

bool loads(const ClassicInstruction& classic) {
  return BPF_CLASS(classic.code) == BPF_LD || BPF_CLASS(classic.code) == BPF_LDX;
}

bool reads_memory(const ClassicInstruction& classic) {
  return loads(classic) && BPF_MODE(classic.code) == BPF_MEM;
}

bool writes_memory(const ClassicInstruction& classic) {
  return BPF_CLASS(classic.code) == BPF_ST || BPF_CLASS(classic.code) == BPF_STX;
}

bool asks_kernel(const ClassicInstruction& classic) {
  const auto mode = BPF_MODE(classic.code);
  return loads(classic) && (mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH) &&
         classic.value >= kNotInPacket;
}

base::Status check_one(std::span<const ClassicInstruction> program, std::size_t at) {
  const auto& classic = program[at];
  if (!is_known(classic.code)) {
    return base::failure(
        fmt::format("compile the filter: unknown instruction {:#x}", classic.code));
  }
  if ((reads_memory(classic) || writes_memory(classic)) && classic.value >= BPF_MEMWORDS) {
    return base::failure(fmt::format("compile the filter: there is no M[{}]", classic.value));
  }
  if (BPF_CLASS(classic.code) == BPF_JMP) {
    const auto [when_true, when_false] = targets_of(classic, at);
    if (std::max(when_true, when_false) < program.size()) return {};
    return base::failure("compile the filter: it loops",
                         "protochain cannot be had here: the kernel wants filters to end");
  }
  if (asks_kernel(classic)) {
    return base::failure("compile the filter: it asks what is not in the packet",
                         "inbound, outbound and ifindex are known to a live capture only");
  }
  return {};
}

// Each way to an instruction writes some words of M[]; those that all ways write can be read.
class Written {
 public:
  explicit Written(std::size_t size) : before_(size, kAll) { before_[0] = 0; }

  // Instructions come in order, and jumps lead forward: all ways to `at` have been walked.
  bool walk(const ClassicInstruction& classic, std::size_t at) {
    auto written = before_[at];
    if (reads_memory(classic) && (written >> classic.value & 1) == 0) return false;
    if (writes_memory(classic)) written |= 1U << classic.value;
    if (BPF_CLASS(classic.code) == BPF_JMP) {
      const auto [when_true, when_false] = targets_of(classic, at);
      before_[when_true] &= written;
      before_[when_false] &= written;
    } else if (BPF_CLASS(classic.code) != BPF_RET) {
      before_[at + 1] &= written;
    }
    return true;
  }

 private:
  static constexpr std::uint32_t kAll = (1U << BPF_MEMWORDS) - 1;
  std::vector<std::uint32_t> before_;
};

}  // namespace

Targets targets_of(const ClassicInstruction& jump, std::size_t at) {
  if (BPF_OP(jump.code) == BPF_JA) return {at + 1 + jump.value, at + 1 + jump.value};
  return {at + 1 + jump.jump_true, at + 1 + jump.jump_false};
}

base::Status check(std::span<const ClassicInstruction> program) {
  if (program.empty() || BPF_CLASS(program.back().code) != BPF_RET) {
    return base::failure("compile the filter: it does not end with an answer");
  }
  for (std::size_t at = 0; at < program.size(); ++at) TRY(check_one(program, at));
  Written written(program.size());
  for (std::size_t at = 0; at < program.size(); ++at) {
    if (written.walk(program[at], at)) continue;
    return base::failure(
        "compile the filter: libpcap cannot make this one right: it reads what it has not written",
        "geneve, vlan, mpls and pppoes change what stands behind them: let 'and' follow, not 'or'");
  }
  return {};
}

}  // namespace filter
