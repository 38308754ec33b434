// UDP datagrams whose checksum is wrong for certain, through a raw socket.
#pragma once

#include "lab/traffic/traffic.h"

namespace lab::traffic {

class BadChecksumSender {
 public:
  // As if sent from `udp`, a socket that is connected to `to`. Needs CAP_NET_RAW.
  [[nodiscard]] static base::Result<BadChecksumSender> open(int udp, const Address& to);
  // True when the kernel took it.
  [[nodiscard]] bool send(std::string_view payload) const;

 private:
  BadChecksumSender(base::Descriptor raw, const Address& from, const Address& to);

  base::Descriptor raw_;
  Address from_;
  Address to_;
};

// The Internet checksum (RFC 1071) of a datagram from `from` to `to`, its pseudo header included.
// The checksum field of `datagram`, which begins with the UDP header, must be 0.
[[nodiscard]] std::uint16_t udp_checksum(const Address& from, const Address& to,
                                         std::string_view datagram);

}  // namespace lab::traffic
