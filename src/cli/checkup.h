// Tries what a diagnosis needs of this host, one thing after the other. A trial is the only answer
// that also holds in a container, under lockdown and with the rights that a launcher left us.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/netlink.h"
#include "host/capabilities.h"
#include "model/doctor.h"
#include "sources/source.h"

namespace cli {

// Everything, in the order in which it is shown. Loads and attaches the drops probe for a moment;
// nothing of it stays. Error: /proc cannot be read.
[[nodiscard]] base::Result<model::Doctor> check_up(const base::Files& files,
                                                   const base::Netlink& netlink);

// The parts that need no kernel to be tested.

// "6.1.0-18-amd64".
[[nodiscard]] model::Check kernel_version_check(std::string_view release);
// Of /sys/kernel/security/lockdown: "none [integrity] confidentiality".
[[nodiscard]] model::Check lockdown_check(std::string_view content);
[[nodiscard]] model::Check symbols_check(const base::Files& files, bool kernel_names_them);
// Whether the descriptors of other processes can be read, which is how a socket finds its owner.
[[nodiscard]] model::Check owners_check(const base::Files& files, const host::Capabilities& held);
// What one source saw in our own namespace.
[[nodiscard]] model::Check source_check(std::string_view name, const sources::Look& look);

}  // namespace cli
