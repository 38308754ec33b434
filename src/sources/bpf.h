// Reads the BPF programs of the host: what ran how often, where it hangs and who holds it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/bpf_programs.h"
#include "sources/source.h"

namespace sources {

// What is asked by the bpf system call: of the host, or in a test of a table.
struct BpfHost {
  std::function<base::Result<std::vector<std::uint32_t>>()> programs;
  std::function<base::Result<host::BpfProgram>(std::uint32_t id)> program;
  std::function<base::Result<std::vector<host::BpfLink>>()> links;
};

// Tells counters `bpf.runs`, `bpf.run_ns`, `bpf.recursion_misses` and settings `bpf.tag`,
// `bpf.loaded_ns` (since boot), `bpf.links`, `bpf.holders` ("812 agent") {id,name,shared,type}.
void read_bpf(const Access& access, const BpfHost& bpf, Look& look);

// The processes that have a program or a link to it open, by the program's id: "812 agent", in
// order. Not more than 20,000 descriptors are looked at.
[[nodiscard]] std::map<std::uint32_t, std::vector<std::string>> holders_of_programs(
    const base::Files& files);

}  // namespace sources
