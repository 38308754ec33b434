#include "host/detached_mount.h"

#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace host {
namespace {

constexpr int kCloseOnExec = 1;  // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
constexpr int kCreateSuper = 6;  // FSCONFIG_CMD_CREATE

}  // namespace

base::Result<base::Descriptor> mount_detached(const char* type) {
  const std::string name = type;
  const base::Descriptor context(static_cast<int>(syscall(SYS_fsopen, type, kCloseOnExec)));
  if (!context.is_open()) {
    return base::system_failure("open " + name, errno, errno == EPERM ? "CAP_SYS_ADMIN" : "");
  }
  if (syscall(SYS_fsconfig, context.get(), kCreateSuper, nullptr, nullptr, 0) != 0) {
    return base::system_failure("make a " + name, errno);
  }
  base::Descriptor mounted(static_cast<int>(syscall(SYS_fsmount, context.get(), kCloseOnExec, 0)));
  if (!mounted.is_open()) return base::system_failure("mount " + name, errno);
  return mounted;
}

std::string path_of(const base::Descriptor& mounted) {
  return "/proc/thread-self/fd/" + std::to_string(mounted.get());
}

}  // namespace host
