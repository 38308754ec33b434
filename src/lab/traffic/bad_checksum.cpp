// The right checksum is worked out and then changed: a fixed value would be right by chance for
// some port or payload. A raw socket of IPPROTO_UDP takes the UDP header as it is given; the kernel
// adds the IP header only (for IPv6 as long as IPV6_CHECKSUM is not set).
#include "lab/traffic/bad_checksum.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>
#include <span>
#include <string>

#include "lab/traffic/checksum.h"

namespace lab::traffic {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr size_t kChecksumAt = 6;
// Flips bits of any checksum; the result is not 0, which would mean "not summed", unless the right
// one was just this.
constexpr std::uint16_t kWrong = 0x5555;

void put(std::string& bytes, std::uint16_t number) {
  bytes += static_cast<char>(number >> 8);
  bytes += static_cast<char>(number & 0xff);
}

std::uint16_t port_of(const Address& address) {
  // The port stands at the same place for both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(address.get())->sin_port);
}

std::string address_bytes(const Address& address) {
  if (address.family() == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in*>(address.get())->sin_addr;
    return {reinterpret_cast<const char*>(&in), sizeof(in)};
  }
  const auto& in6 = reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr;
  return {reinterpret_cast<const char*>(&in6), sizeof(in6)};
}

}  // namespace

std::uint16_t udp_checksum(const Address& from, const Address& to, std::string_view datagram) {
  std::string bytes = address_bytes(from) + address_bytes(to);
  put(bytes, IPPROTO_UDP);
  put(bytes, static_cast<std::uint16_t>(datagram.size()));
  bytes += datagram;
  const std::span octets(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const std::uint16_t checksum = ntohs(internet_checksum(octets));
  return checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

BadChecksumSender::BadChecksumSender(base::Descriptor raw, const Address& from, const Address& to)
    : raw_(std::move(raw)), from_(from), to_(to) {}

base::Result<BadChecksumSender> BadChecksumSender::open(int udp, const Address& to) {
  Address from{.length = sizeof(sockaddr_storage)};
  auto* const name = reinterpret_cast<sockaddr*>(&from.storage);
  if (getsockname(udp, name, &from.length) != 0) {
    return base::system_failure("ask for a socket's address", errno);
  }
  auto raw = TRY(open_socket(to.family(), SOCK_RAW, IPPROTO_UDP));
  return BadChecksumSender(std::move(raw), from, to);
}

bool BadChecksumSender::send(std::string_view payload) const {
  std::string datagram;
  put(datagram, port_of(from_));
  put(datagram, port_of(to_));
  put(datagram, static_cast<std::uint16_t>(kHeaderBytes + payload.size()));
  put(datagram, 0);
  datagram += payload;
  auto wrong = static_cast<std::uint16_t>(udp_checksum(from_, to_, datagram) ^ kWrong);
  if (wrong == 0) wrong = 1;
  datagram[kChecksumAt] = static_cast<char>(wrong >> 8);
  datagram[kChecksumAt + 1] = static_cast<char>(wrong & 0xff);
  // The port of a raw IPv6 socket's target must be 0 (net/ipv6/raw.c: rawv6_sendmsg).
  Address to = to_;
  reinterpret_cast<sockaddr_in*>(&to.storage)->sin_port = 0;
  return sendto(raw_.get(), datagram.data(), datagram.size(), 0, to.get(), to.length) >= 0;
}

}  // namespace lab::traffic
