// What this process is allowed to do beyond an ordinary user.
#pragma once

#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"

namespace host {

class Capabilities {
 public:
  // The effective set of the calling thread. Error: /proc cannot be read.
  [[nodiscard]] static base::Result<Capabilities> read(const base::Files& files);
  // Those that a file could give this thread: its bounding set.
  [[nodiscard]] static base::Result<Capabilities> read_bounding(const base::Files& files);

  // "CAP_BPF".
  [[nodiscard]] bool has(std::string_view name) const { return names_.contains(name); }
  [[nodiscard]] const std::set<std::string, std::less<>>& names() const { return names_; }
  // Those of `wanted` that are not held: "CAP_BPF and CAP_PERFMON"; "" where all are.
  [[nodiscard]] std::string missing_of(std::span<const std::string_view> wanted) const;

 private:
  static base::Result<Capabilities> read_set(const base::Files& files, std::string_view set);

  std::set<std::string, std::less<>> names_;
};

// Every capability that whydrop has a use for.
[[nodiscard]] std::span<const std::string_view> used_capabilities();

// What finding the process behind a socket of another user takes: the first opens the links under
// /proc/PID, the second the folder fd that they lie in (it belongs to the process's user).
inline constexpr std::array<std::string_view, 2> kForOwners = {"CAP_SYS_PTRACE",
                                                               "CAP_DAC_READ_SEARCH"};

// What whydrop still needs once its probes are attached: the way into namespaces (setns) and to the
// programs that sit in the packets' path, what lies under /proc/PID of other users, the firewall's
// rules, the kernel's messages and symbols.
[[nodiscard]] std::span<const std::string_view> kept_after_attaching();

// Whether maps of our own can only be read with CAP_BPF or CAP_SYS_ADMIN. Before 6.0 every bpf(2)
// of others is refused where kernel.unprivileged_bpf_disabled is set, even the look at a map
// through a descriptor that is held already (kernel/bpf/syscall.c, c8644cd0efe7). It is tried, by
// lowering CAP_BPF for a moment.
[[nodiscard]] bool maps_need_cap_bpf();

// Gives up every capability but `keep` (and of those only what is held) in all five sets, for good:
// no program that this process might run gets one back (no_new_privs). The bounding set needs
// CAP_SETPCAP; where that is not held the set stays as it is, and no_new_privs has to do.
//
// Both belong to a thread and are inherited by those it makes: Error where there are several.
[[nodiscard]] base::Status give_up_capabilities(const base::Files& files,
                                                std::span<const std::string_view> keep);

}  // namespace host
