#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/descriptor.h"

namespace base {
namespace {

class SystemFiles : public Files {
 public:
  [[nodiscard]] Result<std::string> read(const std::string& path) const override {
    // Without O_NONBLOCK the end of /dev/kmsg, or of an idle pipe, would be waited for.
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return system_failure("open " + path, errno);
    std::string content;
    char buffer[32768];
    // For a sysctl the kernel sets aside, and clears, as much as is asked for.
    constexpr std::size_t kSettingBytes = 4096;
    const std::size_t room = path.starts_with("/proc/sys/") ? kSettingBytes : sizeof buffer;
    while (true) {
      const ssize_t got = ::read(file.get(), buffer, room);
      // EPIPE: records of /dev/kmsg were overwritten before they were read; the next read goes on.
      if (got < 0 && (errno == EINTR || errno == EPIPE)) continue;
      if (got < 0 && errno == EAGAIN) return content;
      if (got < 0) return system_failure("read " + path, errno);
      if (got == 0) return content;
      content.append(buffer, static_cast<size_t>(got));
    }
  }

  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& path) const override {
    DIR* directory = opendir(path.c_str());
    if (directory == nullptr) return system_failure("list " + path, errno);
    std::vector<std::string> names;
    while (const dirent* entry = readdir(directory)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    closedir(directory);
    std::ranges::sort(names);
    return names;
  }

  [[nodiscard]] Result<std::string> link_target(const std::string& path) const override {
    char target[4096];
    const ssize_t length = readlink(path.c_str(), target, sizeof target);
    if (length < 0) return system_failure("read link " + path, errno);
    return std::string(target, static_cast<size_t>(length));
  }

  [[nodiscard]] Result<unsigned long> inode(const std::string& path) const override {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return system_failure("stat " + path, errno);
    return status.st_ino;
  }
};

Status write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write " + path, errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace

std::unique_ptr<Files> system_files() {
  return std::make_unique<SystemFiles>();
}

Result<std::string> MemoryFiles::read(const std::string& path) const {
  const auto found = content_.find(path);
  if (found == content_.end()) return system_failure("open " + path, ENOENT);
  return found->second;
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& path) const {
  const std::string prefix = path.ends_with('/') ? path : path + '/';
  std::set<std::string> names;
  const auto take = [&](const auto& table) {
    for (auto at = table.lower_bound(prefix); at != table.end(); ++at) {
      if (!at->first.starts_with(prefix)) break;
      names.insert(
          at->first.substr(prefix.size(), at->first.find('/', prefix.size()) - prefix.size()));
    }
  };
  take(content_);
  take(links_);
  take(inodes_);
  if (names.empty()) return system_failure("list " + path, ENOENT);
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::string> MemoryFiles::link_target(const std::string& path) const {
  const auto found = links_.find(path);
  if (found == links_.end()) return system_failure("read link " + path, ENOENT);
  return found->second;
}

Result<unsigned long> MemoryFiles::inode(const std::string& path) const {
  const auto found = inodes_.find(path);
  if (found == inodes_.end()) return system_failure("stat " + path, ENOENT);
  return found->second;
}

Status write_file_atomically(const std::string& path, std::string_view content, unsigned mode) {
  const std::string fresh = path + ".new." + std::to_string(getpid());
  {
    const Descriptor file(
        open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    if (file.get() < 0) return system_failure("create " + fresh, errno);
    auto written = write_all(file.get(), content, fresh);
    if (written && fsync(file.get()) != 0 && errno != EINVAL) {
      written = system_failure("sync " + fresh, errno);
    }
    if (!written) {
      unlink(fresh.c_str());
      return written;
    }
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    unlink(fresh.c_str());
    return system_failure("rename " + fresh + " to " + path, reason);
  }
  return {};
}

}  // namespace base
