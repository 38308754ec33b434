#include "filter/names.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace filter {
namespace {

// As Debian's /etc/services has them: a filter means here what it means to tcpdump there.
constexpr auto kServices = std::to_array<Service>({
    {"amqp", 5672, true, false},        {"bgp", 179, true, false},
    {"bootpc", 68, false, true},        {"bootps", 67, false, true},
    {"domain", 53, true, true},         {"domain-s", 853, true, true},
    {"ftp", 21, true, false},           {"ftp-data", 20, true, false},
    {"git", 9418, true, false},         {"http", 80, true, false},
    {"http-alt", 8080, true, false},    {"https", 443, true, true},
    {"imap2", 143, true, false},        {"imaps", 993, true, false},
    {"ipsec-nat-t", 4500, false, true}, {"iscsi-target", 3260, true, false},
    {"isakmp", 500, false, true},       {"kerberos", 88, true, true},
    {"ldap", 389, true, true},          {"ldaps", 636, true, true},
    {"mdns", 5353, false, true},        {"mqtt", 1883, true, false},
    {"ms-sql-s", 1433, true, false},    {"mysql", 3306, true, false},
    {"netbios-ns", 137, false, true},   {"nfs", 2049, true, true},
    {"ntp", 123, false, true},          {"openvpn", 1194, true, true},
    {"pop3", 110, true, false},         {"pop3s", 995, true, false},
    {"postgresql", 5432, true, false},  {"radius", 1812, true, true},
    {"rsync", 873, true, false},        {"rtsp", 554, true, true},
    {"sip", 5060, true, true},          {"sip-tls", 5061, true, true},
    {"smtp", 25, true, false},          {"snmp", 161, true, true},
    {"snmp-trap", 162, true, true},     {"socks", 1080, true, false},
    {"ssh", 22, true, false},           {"submission", 587, true, false},
    {"sunrpc", 111, true, true},        {"syslog", 514, false, true},
    {"syslog-tls", 6514, true, false},  {"telnet", 23, true, false},
    {"tftp", 69, false, true},          {"vxlan", 4789, false, true},
    {"whois", 43, true, false},         {"microsoft-ds", 445, true, false},
});

struct Number {
  std::string_view name;
  int value;
};

// Of IPv4 and IPv6.
constexpr auto kIpProtocols = std::to_array<Number>({
    {"ah", 51},     {"dccp", 33},     {"egp", 8},        {"eigrp", 88}, {"esp", 50},
    {"gre", 47},    {"icmp", 1},      {"icmp6", 58},     {"igmp", 2},   {"igp", 9},
    {"ipencap", 4}, {"ipv6", 41},     {"ipv6-icmp", 58}, {"l2tp", 115}, {"mpls-in-ip", 137},
    {"ospf", 89},   {"pim", 103},     {"rsvp", 46},      {"sctp", 132}, {"tcp", 6},
    {"udp", 17},    {"udplite", 136}, {"vrrp", 112},
});

// Of Ethernet, those that libpcap has.
constexpr auto kEtherTypes = std::to_array<Number>({
    {"aarp", 0x80f3},
    {"arp", 0x0806},
    {"atalk", 0x809b},
    {"decnet", 0x6003},
    {"ip", 0x0800},
    {"ip6", 0x86dd},
    {"lat", 0x6004},
    {"loopback", 0x9000},
    {"mopdl", 0x6001},
    {"moprc", 0x6002},
    {"rarp", 0x8035},
    {"sca", 0x6007},
});

// Service access points of 802.2.
constexpr auto kLinkControl =
    std::to_array<Number>({{"ipx", 0xe0}, {"iso", 0xfe}, {"netbeui", 0xf0}, {"stp", 0x42}});

std::optional<int> value_of(std::span<const Number> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Number::name);
  return found == table.end() ? std::nullopt : std::optional(found->value);
}

}  // namespace

std::optional<Service> service_of(std::string_view name) {
  if (const auto port = base::parse_number<std::uint16_t>(name)) {
    return Service{.name = name, .port = *port, .tcp = true, .udp = true};
  }
  const auto* found = std::ranges::find(kServices, name, &Service::name);
  return found == kServices.end() ? std::nullopt : std::optional(*found);
}

std::optional<int> ip_protocol(std::string_view name) {
  return value_of(kIpProtocols, name);
}

std::optional<int> ether_type(std::string_view name) {
  return value_of(kEtherTypes, name);
}

std::optional<int> link_control(std::string_view name) {
  return value_of(kLinkControl, name);
}

std::vector<std::string_view> service_names() {
  std::vector<std::string_view> names;
  for (const auto& service : kServices) names.push_back(service.name);
  return names;
}

}  // namespace filter
