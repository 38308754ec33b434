// A file system of the kernel for our own reading, attached nowhere and gone with its descriptor:
// for one that is not mounted, or has to be that of another network namespace.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace host {

// `type`: "sysfs" (shows the devices of the calling thread's network namespace), "tracefs". Needs
// CAP_SYS_ADMIN and Linux 5.2 (fsopen). What is in it is found below path_of().
[[nodiscard]] base::Result<base::Descriptor> mount_detached(const char* type);

// "/proc/thread-self/fd/7": of the calling thread.
[[nodiscard]] std::string path_of(const base::Descriptor& mounted);

}  // namespace host
