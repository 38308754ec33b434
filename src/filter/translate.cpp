// One pass over the classic program, an instruction into at most seven. A and X live in registers
// for good, M[] on the stack, and nothing is called: the arguments stay where they came in.
//
// All arithmetic is that of 32 bits, whose eBPF forms clear the upper half: so an index and an
// offset add up in 64 bits without wrapping around, and one comparison tells what takes libpcap
// three. The verifier knows nothing of `captured`; a load at an index is held against the size of
// the buffer as well (comparisons of two registers teach it since 6.8 only).
#include "filter/translate.h"

#include <linux/bpf.h>
#include <linux/filter.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "filter/check.h"
#include "filter/packet.wire.h"

namespace filter {
namespace {

static_assert(std::endian::native == std::endian::little, "the halves of `registers` would swap");
static_assert(sizeof(Instruction) == sizeof(bpf_insn));
static_assert(offsetof(Instruction, code) == offsetof(bpf_insn, code));
static_assert(offsetof(Instruction, offset) == offsetof(bpf_insn, off));
static_assert(offsetof(Instruction, immediate) == offsetof(bpf_insn, imm));
static_assert(sizeof(ClassicInstruction) == sizeof(sock_filter));

enum Register : std::uint8_t {
  kA = 0,  // what is returned, too
  kPacket = 1,
  kCaptured = 2,
  kLength = 3,
  kX = 4,
  kEnd = 5,  // behind the last byte of a load at an index
  kFrame = 10,
};

constexpr std::uint32_t kPacketBytes = wire::kFilterPacketBytes;
constexpr std::uint32_t kMemoryBytes = BPF_MEMWORDS * sizeof(std::uint32_t);
constexpr std::uint32_t kBits = 32;

constexpr std::uint32_t kNotReached = UINT32_MAX;

// A jump's offset has 16 bits.
constexpr std::size_t kMostMade = INT16_MAX;
// The verifier puts off one way of each branch, at most 8192 (BPF_COMPLEXITY_LIMIT_JMP_SEQ). Some
// are left to the program around the filter.
constexpr std::size_t kMostJumps = 8000;

std::unexpected<base::Error> too_long() {
  return base::failure("compile the filter: it is too long for the kernel",
                       "net 10.0.0.0/8 instead of many hosts, portrange 1000-2000 of many ports");
}

std::uint32_t bytes_loaded(const ClassicInstruction& classic) {
  switch (BPF_SIZE(classic.code)) {
    case BPF_B:
      return 1;
    case BPF_H:
      return 2;
    default:
      return 4;
  }
}

bool loads_packet(const ClassicInstruction& classic) {
  const auto mode = BPF_MODE(classic.code);
  if (BPF_CLASS(classic.code) == BPF_LDX) return mode == BPF_MSH;
  return BPF_CLASS(classic.code) == BPF_LD && (mode == BPF_ABS || mode == BPF_IND);
}

bool divides(const ClassicInstruction& classic) {
  const auto operation = BPF_OP(classic.code);
  return BPF_CLASS(classic.code) == BPF_ALU && (operation == BPF_DIV || operation == BPF_MOD);
}

// Whatever the packet: it loads what never is in the buffer, or divides by 0.
bool always_refuses(const ClassicInstruction& classic) {
  if (divides(classic)) return BPF_SRC(classic.code) == BPF_K && classic.value == 0;
  return loads_packet(classic) && classic.value > kPacketBytes - bytes_loaded(classic);
}

class Translator {
 public:
  explicit Translator(std::span<const ClassicInstruction> classic)
      : classic_(classic), start_(classic.size() + 1), captured_(classic.size() + 1, kNotReached) {}

  // Jumps lead forward only, so what is reached is known when its turn comes. What is not is left
  // out: the verifier refuses a program with code that nothing leads to.
  base::Result<std::vector<Instruction>> run() {
    begin();
    for (std::size_t at = 0; at < classic_.size(); ++at) {
      start_[at] = made_.size();
      now_captured_ = captured_[at];
      if (now_captured_ != kNotReached) translate_one(classic_[at], at);
    }
    start_[refusal()] = made_.size();
    if (captured_[refusal()] != kNotReached) answer(0);
    if (made_.size() > kMostMade || jumps_.size() > kMostJumps) return too_long();
    for (const auto& [from, to] : jumps_) {
      made_[from].offset = static_cast<std::int16_t>(start_[to] - from - 1);
    }
    return std::move(made_);
  }

 private:
  // Behind the last classic instruction stands what refuses the packet.
  [[nodiscard]] std::size_t refusal() const { return classic_.size(); }

  void emit(int code, Register to, Register from, std::int16_t offset, std::uint32_t immediate) {
    made_.push_back({.code = static_cast<std::uint8_t>(code),
                     .registers = static_cast<std::uint8_t>(to | from << 4),
                     .offset = offset,
                     .immediate = static_cast<std::int32_t>(immediate)});
  }
  void with_constant(int code, Register to, std::uint32_t constant) {
    emit(code | BPF_K, to, kA, 0, constant);
  }
  void with_register(int code, Register to, Register from) { emit(code | BPF_X, to, from, 0, 0); }
  void set(Register to, std::uint32_t constant) { with_constant(BPF_ALU | BPF_MOV, to, constant); }
  void copy(Register to, Register from) { with_register(BPF_ALU | BPF_MOV, to, from); }

  // From here one can come to the classic instruction `target`, and no fewer bytes are captured.
  void reach(std::size_t target) { captured_[target] = std::min(captured_[target], now_captured_); }
  // The jump that was emitted last leads to the classic instruction `target`.
  void aim(std::size_t target) {
    jumps_.emplace_back(made_.size() - 1, target);
    reach(target);
  }
  void jump(std::size_t target) {
    with_constant(BPF_JMP | BPF_JA, kA, 0);
    aim(target);
  }
  void answer(std::uint32_t verdict) {
    set(kA, verdict);
    with_constant(BPF_JMP | BPF_EXIT, kA, 0);
  }

  static std::int16_t place_in_frame(std::uint32_t word) {
    return static_cast<std::int16_t>(sizeof(std::uint32_t) * word - kMemoryBytes);
  }

  void begin() {
    // The caller need not have cleared the upper half.
    copy(kCaptured, kCaptured);
    set(kA, 0);
    set(kX, 0);
    captured_[0] = 0;
  }

  void translate_one(const ClassicInstruction& classic, std::size_t at) {
    if (always_refuses(classic)) return jump(refusal());
    switch (BPF_CLASS(classic.code)) {
      case BPF_LD:
      case BPF_LDX:
        load(classic);
        break;
      case BPF_ST:
      case BPF_STX:
        emit(BPF_STX | BPF_MEM | BPF_W, kFrame, BPF_CLASS(classic.code) == BPF_ST ? kA : kX,
             place_in_frame(classic.value), 0);
        break;
      case BPF_ALU:
        calculate(classic);
        break;
      case BPF_JMP:
        return branch(classic, at);
      case BPF_RET:
        if (BPF_RVAL(classic.code) == BPF_K) return answer(classic.value);
        return with_constant(BPF_JMP | BPF_EXIT, kA, 0);
      default:
        if (BPF_MISCOP(classic.code) == BPF_TAX) copy(kX, kA);
        if (BPF_MISCOP(classic.code) == BPF_TXA) copy(kA, kX);
    }
    reach(at + 1);
  }

  void load(const ClassicInstruction& classic) {
    const auto to = BPF_CLASS(classic.code) == BPF_LD ? kA : kX;
    switch (BPF_MODE(classic.code)) {
      case BPF_IMM:
        return set(to, classic.value);
      case BPF_LEN:
        return copy(to, kLength);
      case BPF_MEM:
        return emit(BPF_LDX | BPF_MEM | BPF_W, to, kFrame, place_in_frame(classic.value), 0);
      case BPF_IND:
        return load_at_index(classic);
      default:
        load_at_offset(classic, to);
    }
  }

  void load_at_offset(const ClassicInstruction& classic, Register to) {
    const auto end = classic.value + bytes_loaded(classic);
    if (end > now_captured_) {
      with_constant(BPF_JMP32 | BPF_JLT, kCaptured, end);
      aim(refusal());
      now_captured_ = end;
    }
    load_from(kPacket, static_cast<std::int16_t>(classic.value), classic, to);
    if (BPF_MODE(classic.code) != BPF_MSH) return;
    // Four times the low half of a byte: the length of an IPv4 header.
    with_constant(BPF_ALU | BPF_AND, to, 0xf);
    with_constant(BPF_ALU | BPF_LSH, to, 2);
  }

  void load_at_index(const ClassicInstruction& classic) {
    const auto bytes = bytes_loaded(classic);
    copy(kEnd, kX);
    with_constant(BPF_ALU64 | BPF_ADD, kEnd, classic.value + bytes);
    with_constant(BPF_JMP | BPF_JGT, kEnd, kPacketBytes);
    aim(refusal());
    with_register(BPF_JMP | BPF_JGT, kEnd, kCaptured);
    aim(refusal());
    with_register(BPF_ALU64 | BPF_ADD, kEnd, kPacket);
    load_from(kEnd, static_cast<std::int16_t>(-static_cast<int>(bytes)), classic, kA);
  }

  void load_from(Register base, std::int16_t offset, const ClassicInstruction& classic,
                 Register to) {
    emit(BPF_LDX | BPF_MEM | BPF_SIZE(classic.code), to, base, offset, 0);
    const auto bytes = bytes_loaded(classic);
    if (bytes > 1) emit(BPF_ALU | BPF_END | BPF_TO_BE, to, kA, 0, 8 * bytes);
  }

  void calculate(const ClassicInstruction& classic) {
    const int code = BPF_ALU | BPF_OP(classic.code);
    const bool shifts = BPF_OP(code) == BPF_LSH || BPF_OP(code) == BPF_RSH;
    if (BPF_OP(code) == BPF_NEG) return with_constant(code, kA, 0);
    if (BPF_SRC(classic.code) == BPF_K) {
      if (shifts && classic.value >= kBits) return set(kA, 0);
      return with_constant(code, kA, classic.value);
    }
    if (shifts) return shift_by_index(code);
    if (divides(classic)) {
      with_constant(BPF_JMP32 | BPF_JEQ, kX, 0);
      aim(refusal());
    }
    with_register(code, kA, kX);
  }

  // eBPF shifts by the index modulo 32, classic BPF shifts all out.
  void shift_by_index(int code) {
    emit(BPF_JMP32 | BPF_JLT | BPF_K, kX, kA, 2, kBits);
    set(kA, 0);
    emit(BPF_JMP | BPF_JA, kA, kA, 1, 0);
    with_register(code, kA, kX);
  }

  void branch(const ClassicInstruction& classic, std::size_t at) {
    const auto [when_true, when_false] = targets_of(classic, at);
    if (when_true == when_false) return jump(when_true);
    const auto opposite = opposite_of(BPF_OP(classic.code));
    const bool falls_through = when_true == at + 1 && opposite;
    compare(BPF_JMP32 | (falls_through ? *opposite : BPF_OP(classic.code)), classic);
    aim(falls_through ? when_false : when_true);
    if (falls_through || when_false == at + 1) {
      reach(at + 1);
    } else {
      jump(when_false);
    }
  }

  void compare(int code, const ClassicInstruction& classic) {
    if (BPF_SRC(classic.code) == BPF_K) return with_constant(code, kA, classic.value);
    with_register(code, kA, kX);
  }

  // Whether none of some bits is set cannot be asked.
  static std::optional<int> opposite_of(int comparison) {
    if (comparison == BPF_JEQ) return BPF_JNE;
    if (comparison == BPF_JGT) return BPF_JLE;
    if (comparison == BPF_JGE) return BPF_JLT;
    return {};
  }

  std::span<const ClassicInstruction> classic_;
  std::vector<std::size_t> start_;  // of each classic instruction in `made_`
  // What is known to be captured of the packet when a classic instruction's turn comes.
  std::vector<std::uint32_t> captured_;
  std::uint32_t now_captured_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> jumps_;
  std::vector<Instruction> made_;
};

}  // namespace

base::Result<std::vector<Instruction>> translate(std::span<const ClassicInstruction> classic) {
  TRY(check(classic));
  return Translator(classic).run();
}

}  // namespace filter
