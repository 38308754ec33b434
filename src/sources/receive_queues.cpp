// Which CPUs the kernel hands the packets of each receive queue to (RPS): rps_cpus in sysfs, one
// mask a queue. sysfs shows the devices of the namespace in which it was mounted, so one is mounted
// for the asking, attached nowhere (fsopen and fsmount, since 5.2), and gone with its descriptor.
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "base/text.h"
#include "sources/receive_queues.h"

namespace sources {
namespace {

constexpr int kCloseOnExec = 1;  // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
constexpr int kCreateSuper = 6;  // FSCONFIG_CMD_CREATE

base::Result<base::Descriptor> mounted_sysfs() {
  const base::Descriptor context(static_cast<int>(syscall(SYS_fsopen, "sysfs", kCloseOnExec)));
  if (!context.is_open()) return base::system_failure("open sysfs", errno);
  if (syscall(SYS_fsconfig, context.get(), kCreateSuper, nullptr, nullptr, 0) != 0) {
    return base::system_failure("make a sysfs", errno);
  }
  base::Descriptor mounted(static_cast<int>(syscall(SYS_fsmount, context.get(), kCloseOnExec, 0)));
  if (!mounted.is_open()) return base::system_failure("mount sysfs", errno);
  return mounted;
}

void read(const Access& access, Look& look) {
  const auto sysfs = mounted_sysfs();
  if (!sysfs) {
    return tell_blind(look, "the CPUs that receive queues are steered to", sysfs.error(), {});
  }
  read_steering(access, "/proc/thread-self/fd/" + std::to_string(sysfs->get()), look);
}

}  // namespace

void read_steering(const Access& access, const std::string& sysfs, Look& look) {
  const auto devices = sysfs + "/class/net";
  for (const auto& device : access.files.list(devices).value_or(std::vector<std::string>())) {
    const auto queues = devices + "/" + device + "/queues";
    for (const auto& queue : access.files.list(queues).value_or(std::vector<std::string>())) {
      if (!queue.starts_with("rx-")) continue;
      const auto mask = access.files.read(queues + "/" + queue + "/rps_cpus");
      if (!mask) continue;
      const auto id = model::counter_id(
          "rps.cpus", {{"dev", device}, {"netns", access.netns}, {"queue", queue}});
      look.settings[id] = base::trim(*mask);
    }
  }
}

extern const Source receive_queues;
const Source receive_queues = {.name = "receive_queues",
                               .scope = Scope::kNetns,
                               .cadence = Cadence::kWhenAsked,
                               .read = read,
                               .answers = model::Question::Kind::kReceiveQueues};

}  // namespace sources
