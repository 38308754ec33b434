// Tar archives, read once from their start to their end: as POSIX.1-1988 and -2001 (pax) and GNU
// tar write them (ustar, long names, sizes beyond 8 GiB). Nothing is written to the disk. An
// archive may come from anybody, so nothing in it is believed: a header needs its checksum, a name
// that leads out of the archive is marked, and a content is read only as far as the caller allows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/byte_source.h"
#include "base/error.h"

namespace formats {

enum class TarKind : std::uint8_t { kFile, kFolder, kLink, kHardLink, kSparse, kOther };

struct TarMember {
  // "etc/hosts": without "./" before it or "/" around it. "" for the archive's own folder, and for
  // a name that cannot be used: see `leads_out`.
  std::string path;
  TarKind kind = TarKind::kOther;
  std::uint64_t size = 0;      // of its content, in bytes
  std::int64_t changed_s = 0;  // since the Unix epoch
  std::string target;          // of a link; of a hard link a path as above
  bool leads_out = false;      // its name has ".." in it
};

class TarReader {
 public:
  explicit TarReader(base::ByteSource& bytes) : bytes_(bytes) {}

  // The next member; what was not read of the last one is passed over. Nothing at the end. Error:
  // it is no tar archive, damaged or cut short.
  [[nodiscard]] base::Result<std::optional<TarMember>> next();

  // What the member holds. Nothing where that is more than `most_bytes`. Once a member.
  [[nodiscard]] base::Result<std::optional<std::string>> content(std::size_t most_bytes);

 private:
  struct Header;
  [[nodiscard]] base::Result<bool> read_header(Header& header);
  [[nodiscard]] base::Status pass_over(std::uint64_t size);
  [[nodiscard]] base::Status pass_over_sparse_map(const Header& header);
  [[nodiscard]] base::Result<std::string> extension();
  [[nodiscard]] base::Status take_extension(char type);
  [[nodiscard]] base::Status take_pax(const std::string& records);
  [[nodiscard]] TarMember member(const Header& header);

  // What extension headers say of the member after them.
  struct Extended {
    std::optional<std::string> path;
    std::optional<std::string> target;
    std::optional<std::uint64_t> size;
    std::optional<std::int64_t> changed_s;
    bool is_sparse = false;
  };

  base::ByteSource& bytes_;
  Extended extended_;
  std::uint64_t left_ = 0;  // of the content and what fills its last block
  std::uint64_t size_ = 0;
  bool has_begun_ = false;
  bool has_ended_ = false;
};

}  // namespace formats
