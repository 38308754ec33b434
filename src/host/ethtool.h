// Asks the drivers of network devices, as ethtool does: by its ioctl, and what its netlink messages
// have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/generic_netlink.h"

namespace host {

// The way to the drivers of the network namespace that the calling thread was in when it was
// opened. No right is needed to ask.
class Ethtool {
 public:
  // Error: the kernel gives no socket.
  [[nodiscard]] static base::Result<Ethtool> open();

  // `request` is one of the structures of linux/ethtool.h with its command, and room behind it for
  // what the command fills in; the answer stays in it. False where the driver does not know it, or
  // the device is gone.
  [[nodiscard]] bool ask(const std::string& device, void* request) const;

 private:
  explicit Ethtool(base::Descriptor socket) : socket_(std::move(socket)) {}
  base::Descriptor socket_;
};

// The attribute that starts every request of ethtool's netlink family. Flags: ETHTOOL_FLAG_*.
[[nodiscard]] base::GenericRequest ethtool_header(std::uint32_t flags);

// The name of the device that an answer is about, from its attribute `header`
// (ETHTOOL_A_…_HEADER); nothing where it says none.
[[nodiscard]] std::optional<std::string> ethtool_device(std::span<const std::byte> answer,
                                                        int header);

}  // namespace host
