// Measures a window as commands do it: Ctrl-C ends it early, progress on a terminal, rights that
// only the probes need are given up as soon as those are attached.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace cli {

struct Watch {
  std::string time = "10s";
  std::vector<std::string> netns;
  std::string interface;
  std::string tracer = "auto";
  bool inventory = false;   // at both ends also what only the whole picture shows
  bool will_write = false;  // a file is written afterwards, which may need root's rights to files
  bool quiet = false;       // no progress
};

// Error: not a span of time; a namespace or interface that is not there.
[[nodiscard]] base::Result<model::Evidence> watch(const Watch& watch);

// For probes that are attached: what only attaching them needed is given up.
[[nodiscard]] base::Status give_up_rights_to_attach(bool will_write);

// For what only reads and writes files: no other right is kept. Root may read and write files where
// their modes forbid it, and so may commands of root's. Nobody else: this binary may have rights
// (setcap) that its user has not.
[[nodiscard]] base::Status keep_rights_to_files_only();

// Saved evidence holds addresses, headers and command names: for its owner's eyes only.
inline constexpr unsigned kPrivateMode = 0600;

}  // namespace cli
