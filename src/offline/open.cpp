#include "offline/open.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/descriptor.h"

namespace offline {
namespace {

// What the largest reports hold unpacked, several times over. Passing over as much takes a minute.
constexpr std::uint64_t kMostUnpacked = std::uint64_t{16} << 30;
constexpr int kMostDepth = 32;

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Stream = std::unique_ptr<DIR, CloseFolder>;

// Walks a report's folder. Every step is taken from the folder that is open, never by a whole path,
// and never through a link: what the report's links lead to is looked up among what was taken.
class Walk {
 public:
  explicit Walk(Contents& contents) : contents_(contents) {}

  // `folder`: its descriptor; `path`: "" or "proc/net/".
  base::Status walk(base::Descriptor folder, const std::string& path, int depth) {
    const Stream stream(fdopendir(folder.get()));
    if (stream == nullptr) return base::system_failure("list " + path, errno);
    folder.release();
    while (const dirent* entry = readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (++entries_ > kMostEntries) {
        return base::failure(fmt::format("it holds more than {} files", kMostEntries));
      }
      TRY(take(dirfd(stream.get()), name, path + name, depth));
    }
    return {};
  }

 private:
  base::Status take(int folder, const std::string& name, const std::string& path, int depth) {
    struct stat status{};
    if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    if (S_ISDIR(status.st_mode)) return enter(folder, name, path, depth);
    if (!is_wanted(path)) return {};
    if (S_ISLNK(status.st_mode)) {
      take_link(folder, name, path);
    } else if (S_ISREG(status.st_mode)) {
      take_file(folder, name, path, status.st_mtim.tv_sec);
    } else {
      contents_.leave_out(path, "neither a file nor a link");
    }
    return {};
  }

  base::Status enter(int folder, const std::string& name, const std::string& path, int depth) {
    if (!may_hold_wanted(path) || depth == kMostDepth) return {};
    base::Descriptor below(
        openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!below.is_open()) {
      contents_.leave_out(path, std::strerror(errno));
      return {};
    }
    return walk(std::move(below), path + "/", depth + 1);
  }

  void take_link(int folder, const std::string& name, const std::string& path) {
    std::string target(kMostPathBytes, '\0');
    const ssize_t length = readlinkat(folder, name.c_str(), target.data(), target.size());
    if (length < 0) return;
    target.resize(static_cast<std::size_t>(length));
    contents_.put_link(path, std::move(target));
  }

  // O_NONBLOCK: should a pipe have taken the file's place, nobody waits for it.
  void take_file(int folder, const std::string& name, const std::string& path,
                 std::int64_t changed_s) {
    const base::Descriptor file(
        openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!file.is_open() || fstat(file.get(), &status) != 0) {
      return contents_.leave_out(path, std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) return;
    std::string text;
    char buffer[65536];
    while (true) {
      const ssize_t got = read(file.get(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return contents_.leave_out(path, std::strerror(errno));
      if (got == 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
      if (!contents_.has_room_for(path, text.size())) return;
    }
    contents_.put(path, std::move(text), changed_s);
  }

  Contents& contents_;
  std::size_t entries_ = 0;
};

// The one folder in it, where a report was unpacked into a folder of its own; else "".
std::string only_folder(int folder) {
  const Stream stream(fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  if (stream == nullptr) return "";
  std::string only;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (!only.empty() || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) return "";
    only = name;
  }
  return may_hold_wanted(only) ? "" : only;
}

}  // namespace

base::Result<Contents> contents_of_folder(const std::string& path) {
  base::Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return base::system_failure("open " + path, errno);
  if (const auto below = only_folder(folder.get()); !below.empty()) {
    base::Descriptor inner(
        openat(folder.get(), below.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (inner.is_open()) folder = std::move(inner);
  }
  Contents contents;
  TRY(Walk(contents).walk(std::move(folder), "", 0));
  return contents;
}

base::Result<Contents> open_report(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return base::system_failure("open " + path, errno);
  if (S_ISDIR(status.st_mode)) return contents_of_folder(path);
  auto packed = TRY(base::open_bytes(path));
  const auto archive = TRY(base::unpacked(std::move(packed), kMostUnpacked));
  return contents_of_archive(*archive);
}

}  // namespace offline
