// How this whydrop can be given capabilities that it lacks: as one command, where one would help.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "host/capabilities.h"
#include "model/evidence.h"

namespace host {

using CapabilityNames = std::set<std::string, std::less<>>;

// What decides whether the capabilities of a file reach this process. It has to be read before
// rights are given up (give_up_capabilities changes all of it).
struct Standing {
  std::string path;       // of the running binary
  Capabilities held;      // effective
  Capabilities bounding;  // no file gives what is not in it
  bool is_root = false;
  bool no_new_privs = false;
  bool is_nosuid = false;  // so is the mount that the binary lies on
};

// Error: /proc does not tell.
[[nodiscard]] base::Result<Standing> read_standing(const base::Files& files);

// The capabilities that a text names: "CAP_BPF and CAP_PERFMON, or a newer kernel".
[[nodiscard]] CapabilityNames capabilities_in(std::string_view text);

// What would give this process what it takes to see the blind spots, of those that rights explain.
[[nodiscard]] model::Grant grant_for(const Standing& standing,
                                     std::span<const model::BlindSpot> blind_spots);

// How to get those of `wanted` that are not held. The command names what is held and used as well:
// setcap replaces what the file had.
[[nodiscard]] model::Grant grant_of(const Standing& standing, const CapabilityNames& wanted);

}  // namespace host
