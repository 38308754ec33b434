// Where whydrop keeps what it remembers between runs.
#pragma once

#include <string>

namespace record {

// $WHYDROP_STATE_DIR; else /var/lib/whydrop for root and, for others, $XDG_STATE_HOME/whydrop or
// ~/.local/state/whydrop (XDG Base Directory Specification). It need not exist.
[[nodiscard]] std::string state_folder();

}  // namespace record
