// Asks the kernel about BPF programs: which there are, what each is called, and where they hang.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace host {

struct BpfProgram {
  std::string name;  // up to 15 characters; "" for one loaded without
  std::string tag;   // a hash of its instructions, 16 hexadecimal digits
  std::string type;  // "xdp", "sched_cls", as bpftool names them; a number of a newer kernel
  std::uint64_t loaded_ns = 0;  // since boot
  // 0 unless the kernel's statistics of BPF were ever on (net.core.bpf_stats_enabled).
  std::uint64_t runs = 0;
  std::uint64_t run_ns = 0;
  std::uint64_t recursion_misses = 0;
};

// Error: it is gone, or it may not be looked at (base::is_refusal: needs CAP_SYS_ADMIN).
[[nodiscard]] base::Result<BpfProgram> read_bpf_program(std::uint32_t id);

// The ids of all programs of the host. Error: no right (CAP_SYS_ADMIN).
[[nodiscard]] base::Result<std::vector<std::uint32_t>> list_bpf_programs();

// What holds a program in its place, since 5.7; older ways of attaching have none.
struct BpfLink {
  std::uint32_t program = 0;
  std::string place;  // "xdp ifindex 3", "cgroup 1234 type 0", "netns 4026531840", "tracing"
};

// Error: as above.
[[nodiscard]] base::Result<std::vector<BpfLink>> list_bpf_links();

enum class CgroupHook : std::uint8_t { kIngress, kEgress };

// The ids of the programs that see the packets of a group of version 2, by the path of its folder;
// those of the groups above it are not among them. Error: no right, or no such group.
[[nodiscard]] base::Result<std::vector<std::uint32_t>> read_cgroup_programs(
    const std::string& folder, CgroupHook hook);

enum class TcxHook : std::uint8_t { kIngress, kEgress };

// The ids of the programs that hang on a device of the calling thread's network namespace by tcx,
// in the order in which they run. Empty on kernels without tcx (before 6.6). Error: no right
// (CAP_NET_ADMIN), or more programs than were ever seen in one place.
[[nodiscard]] base::Result<std::vector<std::uint32_t>> read_tcx(std::uint32_t ifindex,
                                                                TcxHook hook);

}  // namespace host
