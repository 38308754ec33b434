// What a report holds of what whydrop reads: files and links by their path, in memory, and what had
// to be left out. How much that may be is bounded: a report may come from anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace offline {

// A report's files are small; only the log and the list of sockets of a large host are not.
inline constexpr std::size_t kMostFileBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMostBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMostEntries = 1'000'000;
inline constexpr std::size_t kMostPathBytes = 4096;  // also of a link's target

// Whether whydrop reads a file (or follows a link) of this path, from the report's folder on:
// "proc/net/snmp", "sos_commands/networking/ethtool_-S_eth0".
[[nodiscard]] bool is_wanted(std::string_view path);
// Whether something wanted may be below this folder.
[[nodiscard]] bool may_hold_wanted(std::string_view folder);

class Contents {
 public:
  struct File {
    std::string text;
    std::int64_t changed_s = 0;  // since the Unix epoch
  };

  struct LeftOut {
    std::vector<std::string> first;  // paths
    std::size_t count = 0;
  };

  // Whether a file of this size still has room; where not, it is noted as left out.
  [[nodiscard]] bool has_room_for(const std::string& path, std::uint64_t bytes);
  void put(const std::string& path, std::string text, std::int64_t changed_s);
  void put_link(const std::string& path, std::string target);
  void leave_out(std::string path, std::string why);
  // Takes "sosreport-x/" off all paths where there is nothing beside that folder.
  void enter_only_folder();

  [[nodiscard]] bool empty() const { return files_.empty(); }
  [[nodiscard]] const std::map<std::string, File>& files() const { return files_; }
  // Why what was wanted is not there -> what that is.
  [[nodiscard]] const std::map<std::string, LeftOut>& left_out() const { return left_out_; }
  // What a command printed as sos keeps it, in the folder of whichever plugin. Null where it lacks.
  [[nodiscard]] const File* find_of_sos(const std::string& name) const;
  // Where the path leads, through the report's links, all of which are taken to stay inside: its
  // "/" is the report's folder and nothing is above it. "" where it leads nowhere.
  [[nodiscard]] std::string resolved(std::string_view path) const;
  [[nodiscard]] const File* find(std::string_view path) const;
  // The names in a folder, sorted.
  [[nodiscard]] std::set<std::string> names_in(std::string_view folder) const;

 private:
  std::map<std::string, File> files_;
  std::map<std::string, std::string> links_;
  std::map<std::string, std::string> of_sos_;  // name of a file below sos_commands -> its path
  std::map<std::string, LeftOut> left_out_;
  std::size_t bytes_ = 0;

  void note_of_sos(const std::string& path);
};

// The report as the host's own files: "/proc/net/snmp" is its "proc/net/snmp".
class ReportFiles : public base::Files {
 public:
  explicit ReportFiles(const Contents& contents) : contents_(contents) {}
  [[nodiscard]] base::Result<std::string> read(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override;
  [[nodiscard]] base::Result<std::string> link_target(const std::string& path) const override;
  [[nodiscard]] base::Result<unsigned long> inode(const std::string& path) const override;

 private:
  const Contents& contents_;
};

}  // namespace offline
