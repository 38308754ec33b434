#include "render/shared_json.h"

namespace render {

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

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

nlohmann::ordered_json grant_json(const model::Grant& grant) {
  return {{"command", text_or_null(grant.command)}, {"obstacle", text_or_null(grant.obstacle)}};
}

}  // namespace render
