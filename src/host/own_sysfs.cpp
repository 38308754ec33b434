#include "host/own_sysfs.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

namespace host {

void mount_missing_sysfs() {
  struct stat found{};
  const bool mounted = stat("/sys/kernel", &found) == 0;
  if (mounted || stat("/sys", &found) != 0 || !S_ISDIR(found.st_mode)) return;
  if (unshare(CLONE_NEWNS) != 0) return;
  // Else the mount could show in the namespace that we came from.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
  (void)mount("sysfs", "/sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

}  // namespace host
