// Hangs a small program on a device that drops the UDP datagrams to one port: the fault of the
// scenarios about XDP and tc. It stays until somebody takes it off or the device goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lab {

enum class Hook : std::uint8_t {
  kXdpGeneric,
  kXdpNative,
  kTcIngress,
  kTcEgress,
  kTcxIngress,
  kTcxEgress,
};

// "xdp-generic", "xdp-native", "tc-ingress", "tc-egress", "tcx-ingress", "tcx-egress".
[[nodiscard]] std::vector<std::string> hook_names();
[[nodiscard]] std::optional<Hook> hook_named(std::string_view name);

// Attaches it to a device of the calling thread's network namespace; needs CAP_BPF and
// CAP_NET_ADMIN. Error: no such device, or the kernel's word (ENOTSUP where the driver has no
// native XDP, EINVAL where the kernel has no tcx, before 6.6).
[[nodiscard]] base::Status attach_drop_port(Hook hook, const std::string& device,
                                            std::uint16_t udp_port);

}  // namespace lab
