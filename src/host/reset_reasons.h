// Names of the running kernel's reasons for a TCP reset, read from its BTF, never copied from a
// header.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/error.h"
#include "base/files.h"

namespace host {

// By number, without the prefix: 1 -> "NO_SOCKET". Empty on a kernel without enum sk_rst_reason
// (before 6.10). Error where the kernel has no BTF.
using ResetReasons = std::map<std::uint32_t, std::string>;
[[nodiscard]] base::Result<ResetReasons> read_reset_reasons(const base::Files& files);

}  // namespace host
