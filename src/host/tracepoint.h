// A tracepoint as tracefs describes it: its number, where its fields lie in the record, and what
// the numbers of a field mean. For kernels without BTF.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"

namespace host {

struct TracepointField {
  std::uint32_t offset_bytes = 0;
  std::uint32_t size_bytes = 0;
};

struct Tracepoint {
  std::uint32_t id = 0;  // what perf_event_open() takes
  std::map<std::string, TracepointField> fields;
  // The last symbolic list of the print format: {2, "NOT_SPECIFIED"}.
  std::map<std::uint32_t, std::string> symbols;
  [[nodiscard]] std::optional<TracepointField> field(const std::string& name) const;
};

// Reads events/GROUP/NAME/format where tracefs is mounted, else in a mount of our own. Error: where
// it may not be read (root, or CAP_DAC_READ_SEARCH; the mount of our own needs CAP_SYS_ADMIN), or
// the kernel has no tracefs (CONFIG_TRACING).
[[nodiscard]] base::Result<Tracepoint> read_tracepoint(const base::Files& files,
                                                       const std::string& group,
                                                       const std::string& name);

// Error where the text is no format file.
[[nodiscard]] base::Result<Tracepoint> parse_tracepoint(std::string_view format);

}  // namespace host
