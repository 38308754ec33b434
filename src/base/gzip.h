// Files as gzip makes them: smaller, and with a checksum that tells damage. zlib does the work.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

[[nodiscard]] Result<std::string> gzip(std::string_view content);

// Whether it starts as gzip files do (RFC 1952: 1f 8b).
[[nodiscard]] bool is_gzip(std::string_view bytes);

// Error: damaged, cut short, something after its end, or more than `most_bytes` when unpacked.
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t most_bytes);

}  // namespace base
