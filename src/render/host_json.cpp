#include "render/host_json.h"

#include <string>

namespace render {

nlohmann::ordered_json host_json(const model::Host& host) {
  return {{"id", host.id},
          {"name", host.name},
          {"arch", host.arch},
          {"os", host.os},
          {"kernel", host.kernel},
          {"virt", host.virt},
          {"boot_id", host.boot_id},
          {"uptime_s", host.uptime_s},
          {"cpus", host.cpus},
          {"memory_bytes", std::to_string(host.memory_bytes)},
          {"labels", nlohmann::ordered_json(host.labels)}};
}

}  // namespace render
