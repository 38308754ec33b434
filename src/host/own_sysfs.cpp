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
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return;
  (void)mount("sysfs", "/sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

std::optional<base::Error> missing_sysfs(const base::Files& files) {
  if (files.list("/sys/kernel")) return {};
  if (!files.list("/sys")) {
    return base::Error{"there is no directory /sys, so sysfs cannot be mounted",
                       "mkdir /sys: whydrop mounts sysfs there, for itself alone"};
  }
  return base::Error{"sysfs is not mounted at /sys", "mount -t sysfs sysfs /sys"};
}

}  // namespace host
