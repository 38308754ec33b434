// sysfs for ourselves, where nobody mounted it: on a system of a kernel and /proc.
#pragma once

namespace host {

// Mounts sysfs read-only at /sys in a mount namespace of our own, so that the host sees nothing of
// it and it goes with us. Does nothing where sysfs is there, /sys is no directory, or a right is
// missing (CAP_SYS_ADMIN): what is read there is then missing. Before any thread is started, as
// unshare(CLONE_NEWNS) is for the calling thread alone.
void mount_missing_sysfs();

}  // namespace host
