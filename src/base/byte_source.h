// Bytes that are read once, from their start to their end: a file, and what is packed in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"

namespace base {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the front of `room`, which is not empty. Yields how much; 0 at the end. Error: as the
  // source has it ("unpack: the file is damaged"); reading on after one is not allowed.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> room) = 0;
};

// The bytes of a text, which lives as long as the source: for tests, and for what is in memory.
[[nodiscard]] std::unique_ptr<ByteSource> bytes_of(std::string_view text);

// The bytes of a file or pipe. Error: it cannot be opened, or is something else (a device).
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_bytes(const std::string& path);

// What gzip or xz packed into `source`; as it is, where neither did. What follows the end of a
// packed stream is unpacked too, as `gunzip` and `unxz` do. Errors while reading: damaged, cut
// short, or more than `most_bytes` when unpacked. Error here: packed by a program that is not
// understood (bzip2, zstd).
[[nodiscard]] Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source,
                                                           std::uint64_t most_bytes);

// Fills `room` unless the source ends before. Yields how much was read.
[[nodiscard]] Result<std::size_t> read_fully(ByteSource& source, std::span<char> room);

}  // namespace base
