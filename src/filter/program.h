// A filter in both machine languages: as libpcap made it, and as the kernel runs it.
#pragma once

#include <cstdint>
#include <vector>

namespace filter {

// struct bpf_insn of the kernel, under a name of its own: <pcap/bpf.h> calls another type so, and
// no translation unit can see both. `registers` holds the destination in its low half, the source
// in its high half.
struct Instruction {
  std::uint8_t code;
  std::uint8_t registers;
  std::int16_t offset;
  std::int32_t immediate;

  bool operator==(const Instruction&) const = default;
};

// What libpcap makes: the classic BPF of 1992, with an accumulator A, an index X and 16 words M[].
struct ClassicInstruction {
  std::uint16_t code;
  std::uint8_t jump_true;
  std::uint8_t jump_false;
  std::uint32_t value;

  bool operator==(const ClassicInstruction&) const = default;
};

// The body of a static BPF subprogram
//
//     int matches(const u8* packet, u32 captured, u32 length)
//
// that returns 0 or not 0. `packet` points to a map's value of at least kFilterPacketBytes, and
// begins with an Ethernet header; `captured` says how many of these bytes are the packet's,
// `length` how long it was on the wire. Loads beyond `captured` refuse the packet, as they do in
// tcpdump. Invariant: jumps stay inside, every instruction can be reached, no constant takes two
// slots.
struct Program {
  std::vector<Instruction> instructions;
  std::vector<ClassicInstruction> classic;
};

}  // namespace filter
