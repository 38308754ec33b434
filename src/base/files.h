// The file seam: whatever is read from /proc, /sys and the disk goes through these few calls,
// so that every reader can be fed literal kernel text in a test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace base {

class Files {
 public:
  virtual ~Files() = default;
  // The whole content. Error: "read PATH: reason".
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) const = 0;
  // Names in a directory, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& path) const = 0;
  [[nodiscard]] virtual Result<std::string> link_target(const std::string& path) const = 0;
  // Inode number of what `path` leads to (links are followed).
  [[nodiscard]] virtual Result<unsigned long> inode(const std::string& path) const = 0;
};

[[nodiscard]] std::unique_ptr<Files> system_files();

// Files that exist only in memory: for tests.
class MemoryFiles : public Files {
 public:
  void put(std::string path, std::string content) {
    content_[std::move(path)] = std::move(content);
  }
  void put_link(std::string path, std::string target) {
    links_[std::move(path)] = std::move(target);
  }
  void put_inode(std::string path, unsigned long inode) { inodes_[std::move(path)] = inode; }

  [[nodiscard]] Result<std::string> read(const std::string& path) const override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& path) const override;
  [[nodiscard]] Result<std::string> link_target(const std::string& path) const override;
  [[nodiscard]] Result<unsigned long> inode(const std::string& path) const override;

 private:
  std::map<std::string, std::string> content_;
  std::map<std::string, std::string> links_;
  std::map<std::string, unsigned long> inodes_;
};

// Writes `content` to a new file beside `path` and renames it over `path`: after a crash there is
// the old file or the new one, never half of one. `mode` as for open(2).
[[nodiscard]] Status write_file_atomically(const std::string& path, std::string_view content,
                                           unsigned mode);

}  // namespace base
