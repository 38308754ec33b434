// Puts a filter into a BPF program that includes filter/filter.bpf.h.
//
// The program is loaded with its stub by libbpf, which makes the maps, fits the program to the
// kernel and appends the stub as a subprogram. What libbpf loaded is then read back, the body of
// the stub exchanged, and the whole loaded as a second program on the same maps. That costs a
// second verification. libbpf's way to change a program while it loads
// (libbpf_register_prog_handler) was left: its handlers are for the whole process, take the place
// of libbpf's own for a section, and move in memory whenever another is registered, while open
// programs point to them.
#pragma once

#include <span>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"
#include "filter/program.h"

struct bpf_program;

namespace filter {

// `whole` with the body of its stub exchanged for `body`. Error: it has no stub.
[[nodiscard]] base::Result<std::vector<Instruction>> insert(std::span<const Instruction> whole,
                                                            std::span<const Instruction> body);

// Loads what `loaded` is, with `program` in it. `loaded` was loaded with `with_filter` set, need
// not be attached, and its object must outlive what is returned. A tp_btf program is attached by
// bpf_raw_tracepoint_open(nullptr, descriptor). Error: the kernel's word.
[[nodiscard]] base::Result<base::Descriptor> load_filtered(const bpf_program* loaded,
                                                           const Program& program);

}  // namespace filter
