// What host this is.
#pragma once

#include "base/files.h"
#include "model/evidence.h"

namespace host {

// Fields that cannot be read stay empty. The id is a hash of /etc/machine-id, which itself is meant
// to stay on the host (machine-id(5)).
[[nodiscard]] model::Host read_identity(const base::Files& files);

}  // namespace host
