#include "record/state_folder.h"

#include <unistd.h>

#include <cstdlib>

namespace record {
namespace {

// "" where it is not set.
std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string state_folder() {
  if (auto chosen = variable("WHYDROP_STATE_DIR"); !chosen.empty()) return chosen;
  if (geteuid() == 0) return "/var/lib/whydrop";
  const auto base = variable("XDG_STATE_HOME");
  return (base.empty() ? variable("HOME") + "/.local/state" : base) + "/whydrop";
}

}  // namespace record
