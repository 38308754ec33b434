// sysfs for ourselves, where nobody mounted it: on a system of a kernel and /proc.
#pragma once

#include <optional>

#include "base/error.h"
#include "base/files.h"

namespace host {

// Mounts sysfs read-only at /sys in a mount namespace of our own, so that the host sees nothing of
// it and it goes with us; what the host mounts later is still seen. Does nothing where sysfs is
// there, /sys is no directory, or a right is missing (CAP_SYS_ADMIN): see missing_sysfs(). Before
// any thread is started, as unshare(CLONE_NEWNS) is for the calling thread alone.
void mount_missing_sysfs();

// Why what is read from sysfs is missing, BTF and the numbers of the CPUs first of all: nobody
// mounted it, and neither did we. Nothing where it is there.
[[nodiscard]] std::optional<base::Error> missing_sysfs(const base::Files& files);

}  // namespace host
