// What host this is.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"
#include "model/evidence.h"

namespace host {

// The hash under which a machine-id is told; "" of none.
[[nodiscard]] std::string host_id(std::string_view machine_id);

// What its files say: all but the name, the architecture, the kernel's release and the CPUs.
[[nodiscard]] model::Host read_identity_files(const base::Files& files);

// Fields that cannot be read stay empty. The id is a hash of /etc/machine-id, which itself is meant
// to stay on the host (machine-id(5)).
[[nodiscard]] model::Host read_identity(const base::Files& files);

}  // namespace host
