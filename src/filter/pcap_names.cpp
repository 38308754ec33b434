// What libpcap calls to turn names into numbers, under its names and with its contracts.
//
// Its own versions (nametoaddr.c) ask getaddrinfo, /etc/services and /etc/ethers; cmake/Pcap.cmake
// takes them out of the archive that we link, so that a look-up which is missing here fails the
// build. Words for numbers come from names.h; a name of a host or a network is unknown, and libpcap
// then says so. The prototypes that no header of libpcap has are those of its source.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pcap/pcap.h>

#include <cstdlib>
#include <memory>
#include <string_view>

// It uses what pcap.h defines.
#include <pcap/namedb.h>

#include "base/text.h"
#include "filter/names.h"

namespace {

int protocol_of(const filter::Service& service) {
  if (service.tcp && service.udp) return PROTO_UNDEF;
  return service.tcp ? IPPROTO_TCP : IPPROTO_UDP;
}

struct NumericAddress {
  addrinfo info{};  // first: a pointer to it is a pointer to the whole
  sockaddr_in6 address{};
};

}  // namespace

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): names of libpcap.

// Decimal bytes with dots between them: how many bits they fill, or -1.
int __pcap_atoin(const char* text, bpf_u_int32* address) {
  constexpr int kBits = 32;
  *address = 0;
  int bits = 0;
  for (const auto part : base::split(text, '.')) {
    const auto byte = base::parse_number<std::uint8_t>(part);
    if (!byte || bits == kBits) return -1;
    *address = *address << 8 | *byte;
    bits += 8;
  }
  return bits;
}

// DECnet's area.node in 6 and 10 bits; 0 where it is none.
int __pcap_atodn(const char* text, bpf_u_int32* address) {
  const auto parts = base::split(text, '.');
  if (parts.size() != 2) return 0;
  const auto area = base::parse_number<std::uint32_t>(parts[0]);
  const auto node = base::parse_number<std::uint32_t>(parts[1]);
  if (!area || !node) return 0;
  *address = (*area & 0x3f) << 10 | (*node & 0x3ff);
  return 32;
}

int __pcap_nametodnaddr(const char* /*name*/, u_short* /*address*/) {
  return 0;
}

// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)

// Six bytes that the caller frees. The scanner let only hexadecimal digits and separators through.
u_char* pcap_ether_aton(const char* text) {
  constexpr std::size_t kBytes = 6;
  constexpr std::string_view kSeparators = ":.-";
  auto* bytes = static_cast<u_char*>(std::calloc(kBytes, 1));
  std::string_view rest = text;
  for (std::size_t at = 0; bytes != nullptr && at < kBytes && !rest.empty(); ++at) {
    if (kSeparators.contains(rest.front())) rest.remove_prefix(1);
    auto digits = rest.substr(0, 2);
    digits = digits.substr(0, digits.find_first_of(kSeparators));
    bytes[at] = base::parse_number<std::uint8_t>(digits, 16).value_or(0);
    rest.remove_prefix(digits.size());
  }
  return bytes;
}

u_char* pcap_ether_hostton(const char* /*name*/) {
  return nullptr;
}

bpf_u_int32 pcap_nametonetaddr(const char* /*name*/) {
  return 0;
}

int pcap_nametoport(const char* name, int* port, int* protocol) {
  const auto service = filter::service_of(name);
  if (!service) return 0;
  *port = service->port;
  *protocol = protocol_of(*service);
  return 1;
}

int pcap_nametoportrange(const char* name, int* first, int* last, int* protocol) {
  const std::string_view range = name;
  // Names of services have dashes, too.
  for (auto dash = range.find('-'); dash != std::string_view::npos;
       dash = range.find('-', dash + 1)) {
    const auto from = filter::service_of(range.substr(0, dash));
    const auto to = filter::service_of(range.substr(dash + 1));
    if (!from || !to) continue;
    *first = from->port;
    *last = to->port;
    *protocol = protocol_of(*from) == protocol_of(*to) ? protocol_of(*from) : PROTO_UNDEF;
    return 1;
  }
  return 0;
}

int pcap_nametoproto(const char* name) {
  return filter::ip_protocol(name).value_or(PROTO_UNDEF);
}

int pcap_nametoeproto(const char* name) {
  return filter::ether_type(name).value_or(PROTO_UNDEF);
}

int pcap_nametollc(const char* name) {
  return filter::link_control(name).value_or(PROTO_UNDEF);
}

// getaddrinfo of libpcap's scanner, which wants to know whether an IPv6 address is well-formed.
int whydrop_getaddrinfo(const char* name, const char* /*service*/, const addrinfo* /*hints*/,
                        addrinfo** result) {
  auto found = std::make_unique<NumericAddress>();
  if (inet_pton(AF_INET6, name, &found->address.sin6_addr) != 1) return EAI_NONAME;
  found->address.sin6_family = AF_INET6;
  found->info.ai_family = AF_INET6;
  found->info.ai_addrlen = sizeof found->address;
  found->info.ai_addr = reinterpret_cast<sockaddr*>(&found->address);
  *result = &found.release()->info;
  return 0;
}

void whydrop_freeaddrinfo(addrinfo* info) {
  delete reinterpret_cast<NumericAddress*>(info);
}

// Addresses of IPv6 come this way; those of IPv4 by __pcap_atoin.
addrinfo* pcap_nametoaddrinfo(const char* name) {
  addrinfo* found = nullptr;
  return whydrop_getaddrinfo(name, nullptr, nullptr, &found) == 0 ? found : nullptr;
}

// Debian's libpcap captures from D-Bus, too; its library has no static archive. We capture nothing.
int dbus_findalldevs(pcap_if_t** /*devices*/, char* /*error*/) {
  return 0;
}

pcap_t* dbus_create(const char* /*device*/, char* /*error*/, int* is_ours) {
  *is_ours = 0;
  return nullptr;
}

}  // extern "C"
