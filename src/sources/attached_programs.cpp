// What sees every packet of a device, for the whole picture: the same as the source path_programs
// tells when it is asked, as settings `path.program{at,dev,hook,netns}`: "bpf 12 firewall
// 6deef7357e7b4530", or the kind of a filter without a program.
#include <algorithm>

#include <fmt/format.h>

#include "host/bpf_programs.h"
#include "sources/path_programs.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  Look found;
  read_path_programs(access, {.program = host::read_bpf_program, .tcx = host::read_tcx}, found);
  for (const auto& program : found.path_programs) {
    const auto device = std::ranges::find(access.devices, program.ifindex, &model::Device::ifindex);
    if (device == access.devices.end()) continue;
    const auto id = model::counter_id("path.program", {{"at", program.attachment},
                                                       {"dev", device->name},
                                                       {"hook", program.hook},
                                                       {"netns", access.netns}});
    look.settings[id] = program.id == 0 ? program.kind
                                        : fmt::format("{} {} {} {}", program.kind, program.id,
                                                      program.name, program.tag);
  }
  std::ranges::move(found.blind_spots, std::back_inserter(look.blind_spots));
}

}  // namespace

extern const Source attached_programs;
const Source attached_programs = {.name = "attached_programs",
                                  .scope = Scope::kNetns,
                                  .cadence = Cadence::kInventory,
                                  .read = read};

}  // namespace sources
