// Reads what sees every packet of a device before the stack does: XDP programs, tc filters, tcx.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "host/bpf_programs.h"
#include "sources/source.h"

namespace sources {

// The XDP programs of each RTM_NEWLINK message, without their names.
[[nodiscard]] std::vector<model::PathProgram> parse_xdp(std::span<const base::NetlinkMessage> links,
                                                        const model::Inode& netns);

// A side of a device on which a qdisc lets filters hang.
struct FilterHook {
  std::uint32_t ifindex = 0;
  std::uint32_t parent = 0;  // as tcmsg has it
  std::string_view hook;     // "tc-ingress", "tc-egress"
  friend bool operator==(const FilterHook&, const FilterHook&) = default;
};

// Both sides of a clsact qdisc, one of an ingress qdisc (which would list its filters under
// either).
[[nodiscard]] std::vector<FilterHook> parse_hooks(std::span<const base::NetlinkMessage> qdiscs);

// The filters of each RTM_NEWTFILTER message of one hook: not the heads of lists and hash tables,
// which are listed with them and match nothing themselves.
[[nodiscard]] std::vector<model::PathProgram> parse_filters(
    std::span<const base::NetlinkMessage> filters, const FilterHook& hook,
    const model::Inode& netns);

// What is asked by the bpf system call: of the host, or in a test of a table.
struct BpfQuestions {
  std::function<base::Result<host::BpfProgram>(std::uint32_t id)> program;
  std::function<base::Result<std::vector<std::uint32_t>>(std::uint32_t ifindex, host::TcxHook)> tcx;
};

// Tells the programs of every device of the namespace. One that may not be named is told by its id
// and is a blind spot; one that went meanwhile keeps its id.
void read_path_programs(const Access& access, const BpfQuestions& bpf, Look& look);

}  // namespace sources
