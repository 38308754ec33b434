// Reads settings of the network stack, those of one namespace and those of the host.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sources/source.h"

namespace sources {

// Adds `sysctl.NAME` + `labels` for each of the names ("net.core.rmem_max") that this kernel has.
void read_settings(const Access& access, std::span<const std::string_view> names,
                   std::string_view labels, Look& look);

// The value as one line, its parts one blank apart.
[[nodiscard]] std::string setting_text(std::string_view content);

}  // namespace sources
