// Takes what is wanted out of a report: of a folder, or of a tar archive, plain or packed by gzip
// or xz. Nothing is followed out of the report and nothing is written.
#pragma once

#include <string>

#include "base/byte_source.h"
#include "base/error.h"
#include "offline/contents.h"

namespace offline {

// Error: it is neither, cannot be read, or is damaged.
[[nodiscard]] base::Result<Contents> open_report(const std::string& path);

[[nodiscard]] base::Result<Contents> contents_of_folder(const std::string& path);

// `archive`: the bytes as they are when unpacked.
[[nodiscard]] base::Result<Contents> contents_of_archive(base::ByteSource& archive);

}  // namespace offline
