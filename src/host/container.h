// Which container or systemd unit a process belongs to, as its cgroup tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"

namespace host {

// The cgroup path of /proc/PID/cgroup: that of v2, else the longest of v1. "" where there is none.
[[nodiscard]] std::string cgroup_path(std::string_view proc_cgroup);

// The id of a container (64 digits) that docker, containerd, CRI-O or podman put into the path,
// else nothing.
[[nodiscard]] std::optional<std::string> container_in_path(std::string_view cgroup);

// Its first 12 digits: what people type.
[[nodiscard]] std::string short_id(const std::string& container);

// "nginx.service" of "/system.slice/nginx.service".
[[nodiscard]] std::optional<std::string> unit_in_path(std::string_view cgroup);

// The cgroup path of a process; "" where it is gone.
[[nodiscard]] std::string cgroup_of_process(const base::Files& files, std::uint32_t pid);

}  // namespace host
