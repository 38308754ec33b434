// Which CPUs the kernel hands the packets of each receive queue to (RPS): rps_cpus in sysfs, one
// mask a queue. sysfs shows the devices of the namespace in which it was mounted, so one is mounted
// for the asking, attached nowhere (fsopen and fsmount, since 5.2), and gone with its descriptor.
#include "sources/receive_queues.h"

#include "base/text.h"
#include "host/detached_mount.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  const auto sysfs = host::mount_detached("sysfs");
  if (!sysfs) {
    return tell_blind(look, "the CPUs that receive queues are steered to", sysfs.error(), {});
  }
  read_steering(access, host::path_of(*sysfs), look);
}

}  // namespace

void read_steering(const Access& access, const std::string& sysfs, Look& look) {
  const auto devices = sysfs + "/class/net";
  for (const auto& device : access.files.list(devices).value_or(std::vector<std::string>())) {
    const auto queues = devices + "/" + device + "/queues";
    for (const auto& queue : access.files.list(queues).value_or(std::vector<std::string>())) {
      if (!queue.starts_with("rx-")) continue;
      const auto labels =
          model::counter_id("", {{"dev", device}, {"netns", access.netns}, {"queue", queue}});
      tell_steering(access.files, queues + "/" + queue, labels, look);
    }
  }
}

void tell_steering(const base::Files& files, const std::string& queue, const std::string& labels,
                   Look& look) {
  const auto mask = files.read(queue + "/rps_cpus");
  if (mask) look.settings["rps.cpus" + labels] = base::trim(*mask);
}

extern const Source receive_queues;
const Source receive_queues = {.name = "receive_queues",
                               .scope = Scope::kNetns,
                               .cadence = Cadence::kWhenAsked,
                               .read = read,
                               .answers = model::Question::Kind::kReceiveQueues};

}  // namespace sources
