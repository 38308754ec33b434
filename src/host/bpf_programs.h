// Asks the kernel about BPF programs: what one is called, and which hang on a device by tcx.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace host {

struct BpfProgram {
  std::string name;  // up to 15 characters; "" for one loaded without
  std::string tag;   // a hash of its instructions, 16 hexadecimal digits
};

// Error: it is gone, or it may not be looked at (base::is_refusal: needs CAP_SYS_ADMIN).
[[nodiscard]] base::Result<BpfProgram> read_bpf_program(std::uint32_t id);

enum class TcxHook : std::uint8_t { kIngress, kEgress };

// The ids of the programs that hang on a device of the calling thread's network namespace by tcx,
// in the order in which they run. Empty on kernels without tcx (before 6.6). Error: no right
// (CAP_NET_ADMIN), or more programs than were ever seen in one place.
[[nodiscard]] base::Result<std::vector<std::uint32_t>> read_tcx(std::uint32_t ifindex,
                                                                TcxHook hook);

}  // namespace host
