// What `dmesg` prints.
#pragma once

#include <string_view>
#include <vector>

#include "model/evidence.h"

namespace offline {

// The messages that speak of lost packets, at_s since the host was started. Lines without that time
// ("dmesg -T") are left out.
[[nodiscard]] std::vector<model::KernelMessage> parse_dmesg(std::string_view text);

}  // namespace offline
