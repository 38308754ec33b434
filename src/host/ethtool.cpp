#include "host/ethtool.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace host {

base::Result<Ethtool> Ethtool::open() {
  base::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return base::system_failure("open a socket for ethtool's requests", errno);
  return Ethtool(std::move(socket));
}

bool Ethtool::ask(const std::string& device, void* request) const {
  ifreq wrapped{};
  device.copy(wrapped.ifr_name, IFNAMSIZ - 1);
  wrapped.ifr_data = static_cast<char*>(request);
  return ioctl(socket_.get(), SIOCETHTOOL, &wrapped) == 0;
}

base::GenericRequest ethtool_header(std::uint32_t flags) {
  base::GenericRequest header(0);
  header.add(ETHTOOL_A_HEADER_FLAGS, flags);
  return header;
}

std::optional<std::string> ethtool_device(std::span<const std::byte> answer, int header) {
  const auto content = base::attribute(answer, header);
  if (!content) return {};
  return base::text_attribute(*content, ETHTOOL_A_HEADER_DEV_NAME);
}

}  // namespace host
