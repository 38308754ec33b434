// Runs the eBPF of a filter as the kernel would, for tests on machines where it may not: the few
// instructions that a translation has, each access to memory checked.
#pragma once

#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

#include "filter/packet.wire.h"
#include "filter/program.h"

namespace filter {

class Interpreter {
 public:
  explicit Interpreter(std::span<const Instruction> program) : program_(program) {}

  // What the filter returns; nothing where the kernel would have refused it: a look outside the
  // buffer, a register or a word of the stack that was never set, a loop, an unknown instruction.
  std::optional<std::uint32_t> run(std::span<const std::uint8_t> captured, std::uint32_t length) {
    std::ranges::copy(captured, packet_.begin());
    is_set_ = {};
    put(1, kPacketAt);
    // What the caller leaves in the upper halves is not the filter's.
    put(2, captured.size() | kGarbage);
    put(3, length | kGarbage);
    put(10, kFrameEnd);
    refused_ = false;
    std::size_t at = 0;
    for (std::size_t steps = 0; steps <= program_.size() && at < program_.size(); ++steps) {
      const auto& now = program_[at];
      if (now.code == (BPF_JMP | BPF_EXIT)) {
        const auto verdict = static_cast<std::uint32_t>(get(0));
        return refused_ ? std::nullopt : std::optional(verdict);
      }
      step(now, at);
      if (refused_) return {};
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kPacketAt = 0x100000000000;
  static constexpr std::uint64_t kFrameEnd = 0x200000000000;
  static constexpr std::uint64_t kGarbage = 0xdeadbeef00000000;
  static constexpr std::size_t kFrameBytes = 512;

  std::uint64_t get(unsigned number) {
    if (!is_set_[number]) refused_ = true;
    return registers_[number];
  }
  void put(unsigned number, std::uint64_t value) {
    registers_[number] = value;
    is_set_[number] = true;
  }

  std::uint8_t* memory(std::uint64_t address, std::size_t bytes) {
    if (address >= kPacketAt && address + bytes <= kPacketAt + packet_.size()) {
      return &packet_[address - kPacketAt];
    }
    if (address >= kFrameEnd - kFrameBytes && address + bytes <= kFrameEnd) {
      return &frame_[address - (kFrameEnd - kFrameBytes)];
    }
    refused_ = true;
    return nullptr;
  }

  void step(const Instruction& now, std::size_t& at) {
    ++at;
    switch (BPF_CLASS(now.code)) {
      case BPF_ALU:
      case BPF_ALU64:
        return calculate(now);
      case BPF_JMP:
      case BPF_JMP32:
        if (is_taken(now)) at += static_cast<std::size_t>(now.offset);
        return;
      case BPF_LDX:
        return load(now);
      default:
        store(now);
    }
  }

  static std::size_t bytes_of(const Instruction& now) {
    return BPF_SIZE(now.code) == BPF_B ? 1 : BPF_SIZE(now.code) == BPF_H ? 2 : 4;
  }

  void load(const Instruction& now) {
    std::uint32_t value = 0;
    const auto address = get(now.registers >> 4) + static_cast<std::uint64_t>(now.offset);
    if (const auto* from = memory(address, bytes_of(now))) std::memcpy(&value, from, bytes_of(now));
    put(now.registers & 0xf, value);
  }

  void store(const Instruction& now) {
    const bool constant = BPF_CLASS(now.code) == BPF_ST;
    const auto value =
        static_cast<std::uint32_t>(constant ? now.immediate : get(now.registers >> 4));
    const auto address = get(now.registers & 0xf) + static_cast<std::uint64_t>(now.offset);
    if (auto* to = memory(address, bytes_of(now))) std::memcpy(to, &value, bytes_of(now));
  }

  // Constants are widened with their sign.
  std::uint64_t source(const Instruction& now) {
    if ((now.code & BPF_X) != 0) return get(now.registers >> 4);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(now.immediate));
  }

  bool is_taken(const Instruction& now) {
    if (BPF_OP(now.code) == BPF_JA) return true;
    auto left = get(now.registers & 0xf);
    auto right = source(now);
    if (BPF_CLASS(now.code) == BPF_JMP32) {
      left = static_cast<std::uint32_t>(left);
      right = static_cast<std::uint32_t>(right);
    }
    switch (BPF_OP(now.code)) {
      case BPF_JEQ:
        return left == right;
      case BPF_JNE:
        return left != right;
      case BPF_JGT:
        return left > right;
      case BPF_JGE:
        return left >= right;
      case BPF_JLT:
        return left < right;
      case BPF_JLE:
        return left <= right;
      case BPF_JSET:
        return (left & right) != 0;
      default:
        refused_ = true;
        return false;
    }
  }

  void calculate(const Instruction& now) {
    const unsigned to = now.registers & 0xf;
    if (BPF_OP(now.code) == BPF_END) return put(to, swapped(get(to), now.immediate));
    const auto from = BPF_OP(now.code) == BPF_NEG ? 0 : source(now);
    const auto old = BPF_OP(now.code) == BPF_MOV ? 0 : get(to);
    if (BPF_CLASS(now.code) == BPF_ALU) {
      return put(to, result(BPF_OP(now.code), static_cast<std::uint32_t>(old),
                            static_cast<std::uint32_t>(from)));
    }
    // An address plus a number, or a number plus a number: nothing else is done in 64 bits.
    if (BPF_OP(now.code) != BPF_ADD) refused_ = true;
    put(to, old + from);
  }

  std::uint64_t swapped(std::uint64_t value, int bits) {
    if (bits == 16) return __builtin_bswap16(static_cast<std::uint16_t>(value));
    if (bits != 32) refused_ = true;
    return __builtin_bswap32(static_cast<std::uint32_t>(value));
  }

  std::uint32_t result(int operation, std::uint32_t left, std::uint32_t right) {
    switch (operation) {
      case BPF_ADD:
        return left + right;
      case BPF_SUB:
        return left - right;
      case BPF_MUL:
        return left * right;
      case BPF_DIV:
        return right == 0 ? 0 : left / right;
      case BPF_MOD:
        return right == 0 ? left : left % right;
      case BPF_AND:
        return left & right;
      case BPF_OR:
        return left | right;
      case BPF_XOR:
        return left ^ right;
      case BPF_LSH:
        return left << (right & 31);
      case BPF_RSH:
        return left >> (right & 31);
      case BPF_NEG:
        return 0U - left;
      case BPF_MOV:
        return right;
      default:
        refused_ = true;
        return 0;
    }
  }

  std::span<const Instruction> program_;
  std::array<std::uint64_t, 11> registers_{};
  std::array<bool, 11> is_set_{};
  std::array<std::uint8_t, wire::kFilterPacketBytes> packet_{};
  std::array<std::uint8_t, kFrameBytes> frame_{};
  bool refused_ = false;
};

}  // namespace filter
