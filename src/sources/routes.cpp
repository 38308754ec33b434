// Two answers to one kind of question. Without a packet: which routes of the namespace drop what
// they match, and the settings by which each device routes. The kernel picks the routes by type
// (strict checking, since 4.20), because a router can hold a million others. With a packet: where
// the kernel would send it, asked as `ip route get DST from SRC iif DEV` asks.
#include "sources/routes.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

// More than anybody writes by hand; a list of thousands comes from a routing daemon.
constexpr size_t kMostSpecialRoutes = 5000;

constexpr std::array kDroppingTypes = {RTN_BLACKHOLE, RTN_PROHIBIT, RTN_UNREACHABLE};

std::string type_name(int type) {
  switch (type) {
    case RTN_UNICAST:
      return "unicast";
    case RTN_LOCAL:
      return "local";
    case RTN_BROADCAST:
      return "broadcast";
    case RTN_MULTICAST:
      return "multicast";
    case RTN_BLACKHOLE:
      return "blackhole";
    case RTN_PROHIBIT:
      return "prohibit";
    case RTN_UNREACHABLE:
      return "unreachable";
    default:
      return std::to_string(type);
  }
}

std::string table_name(std::uint32_t table) {
  switch (table) {
    case RT_TABLE_MAIN:
      return "main";
    case RT_TABLE_LOCAL:
      return "local";
    case RT_TABLE_DEFAULT:
      return "default";
    default:
      return std::to_string(table);
  }
}

size_t address_bytes(int family) {
  return family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
}

bool is_ip(int family) {
  return family == AF_INET || family == AF_INET6;
}

std::optional<std::string> address_text(int family, std::optional<Bytes> bytes) {
  if (!bytes || bytes->size() < address_bytes(family)) return {};
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, bytes->data(), text, sizeof text);
  return std::string(text);
}

std::optional<model::SpecialRoute> parse_special(const base::NetlinkMessage& message,
                                                 const model::Inode& netns) {
  const auto header = base::read_plain<rtmsg>(message.payload);
  if (message.type != RTM_NEWROUTE || !header || !is_ip(header->rtm_family)) return {};
  if ((header->rtm_flags & RTM_F_CLONED) != 0) return {};
  if (std::ranges::find(kDroppingTypes, header->rtm_type) == kDroppingTypes.end()) return {};
  const Bytes attributes = base::attributes_after(message.payload, sizeof(rtmsg));
  const auto destination = address_text(header->rtm_family, base::attribute(attributes, RTA_DST))
                               .value_or(header->rtm_family == AF_INET ? "0.0.0.0" : "::");
  const auto table =
      base::plain_attribute<std::uint32_t>(attributes, RTA_TABLE).value_or(header->rtm_table);
  const auto metric = base::plain_attribute<std::uint32_t>(attributes, RTA_PRIORITY);
  return model::SpecialRoute{.netns = netns,
                             .type = type_name(header->rtm_type),
                             .destination = fmt::format("{}/{}", destination, header->rtm_dst_len),
                             .table = table_name(table),
                             .metric = metric.value_or(0)};
}

// Keeps one route more than may be told, so that a cut is seen.
base::Status read_routes_of(const Access& access, int family, int type, Look& look) {
  rtmsg wanted{};
  wanted.rtm_family = static_cast<unsigned char>(family);
  wanted.rtm_type = static_cast<unsigned char>(type);
  return access.netlink.request(
      NETLINK_ROUTE, RTM_GETROUTE, NLM_F_DUMP, std::as_bytes(std::span(&wanted, 1)),
      [&](const base::NetlinkMessage& message) {
        if (look.special_routes.size() > kMostSpecialRoutes) return;
        parse_special_routes({&message, 1}, access.netns, look.special_routes);
      });
}

base::Status read_special_routes(const Access& access, Look& look) {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : kDroppingTypes) TRY(read_routes_of(access, family, type, look));
  }
  if (look.special_routes.size() <= kMostSpecialRoutes) return {};
  look.special_routes.resize(kMostSpecialRoutes);
  return base::failure(fmt::format("there are more than {}", kMostSpecialRoutes));
}

// What decides about forwarding and the reverse path, of each device and of "all".
void read_device_settings(const Access& access, Look& look) {
  constexpr auto kIpv4 =
      std::to_array<std::string_view>({"rp_filter", "forwarding", "src_valid_mark"});
  constexpr auto kIpv6 = std::to_array<std::string_view>({"forwarding"});
  const auto read_family = [&](const std::string& family,
                               std::span<const std::string_view> settings) {
    const auto folder = access.proc_sys + "/net/" + family + "/conf";
    const auto devices = access.files.list(folder).value_or(std::vector<std::string>());
    for (const auto& device : devices) {
      for (const auto setting : settings) {
        const auto value = access.files.read(fmt::format("{}/{}/{}", folder, device, setting));
        if (!value) continue;
        const auto name = fmt::format("sysctl.net.{}.conf.{}", family, setting);
        look.settings[model::counter_id(name, {{"dev", device}, {"netns", access.netns}})] =
            base::trim(*value);
      }
    }
  };
  read_family("ipv4", kIpv4);
  read_family("ipv6", kIpv6);
}

// A request for one route: rtmsg and its attributes, as they lie in a netlink message.
class LookupRequest {
 public:
  explicit LookupRequest(int family) { header_.rtm_family = static_cast<unsigned char>(family); }

  // Both addresses are whole ones: `ip route get` asks with the length of the address.
  void add(int type, Bytes content) {
    if (type == RTA_DST) header_.rtm_dst_len = static_cast<unsigned char>(content.size() * 8);
    if (type == RTA_SRC) header_.rtm_src_len = static_cast<unsigned char>(content.size() * 8);
    const rtattr head{.rta_len = static_cast<unsigned short>(RTA_LENGTH(content.size())),
                      .rta_type = static_cast<unsigned short>(type)};
    const auto at = attributes_.size();
    attributes_.resize(at + RTA_SPACE(content.size()));
    std::memcpy(attributes_.data() + at, &head, sizeof head);
    std::memcpy(attributes_.data() + at + RTA_LENGTH(0), content.data(), content.size());
  }

  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> all(NLMSG_ALIGN(sizeof header_));
    std::memcpy(all.data(), &header_, sizeof header_);
    all.insert(all.end(), attributes_.begin(), attributes_.end());
    return all;
  }

 private:
  rtmsg header_{};
  std::vector<std::byte> attributes_;
};

struct IpAddress {
  int family = AF_UNSPEC;
  std::array<std::byte, sizeof(in6_addr)> bytes{};
  [[nodiscard]] Bytes content() const { return Bytes(bytes).first(address_bytes(family)); }
};

std::optional<IpAddress> parse_ip(const std::string& text) {
  IpAddress address{.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6};
  if (inet_pton(address.family, text.c_str(), address.bytes.data()) != 1) return {};
  return address;
}

// Nothing where the addresses are none, or of two families.
std::optional<std::vector<std::byte>> lookup_request(const model::RouteLookup& lookup) {
  const auto destination = parse_ip(lookup.destination);
  if (!destination) return {};
  LookupRequest request(destination->family);
  request.add(RTA_DST, destination->content());
  if (!lookup.source.empty()) {
    const auto source = parse_ip(lookup.source);
    if (!source || source->family != destination->family) return {};
    request.add(RTA_SRC, source->content());
  }
  if (lookup.from_ifindex != 0) {
    request.add(RTA_IIF, std::as_bytes(std::span(&lookup.from_ifindex, 1)));
  }
  return request.bytes();
}

// Asks the kernel and fills in what it said. False where it could not be asked.
bool look_up(const Access& access, model::RouteLookup& lookup) {
  const auto request = lookup_request(lookup);
  if (!request) return false;
  bool answered = false;
  const auto status = access.netlink.request(NETLINK_ROUTE, RTM_GETROUTE, 0, *request,
                                             [&](const base::NetlinkMessage& message) {
                                               answered |= parse_route_answer(message, lookup);
                                             });
  if (status) return answered;
  lookup.error = errno_name(status.error().number);
  return status.error().number != 0;
}

void read_lookup(const Access& access, Look& look) {
  const auto& route = access.question->route;
  model::RouteLookup lookup{.netns = access.netns,
                            .source = route.source,
                            .destination = route.destination,
                            .from_ifindex = route.from_ifindex};
  bool done = look_up(access, lookup);
  // A packet that is made here cannot have another host's address as its source, so the kernel
  // refuses such a question (ip_route_output_key_hash_rcu). The way back of the reverse path, and
  // the way out of a forwarded packet, are asked without it then.
  if (!lookup.error.empty() && lookup.from_ifindex == 0 && !lookup.source.empty()) {
    lookup.source.clear();
    lookup.error.clear();
    done = look_up(access, lookup);
    lookup.source = route.source;
  }
  if (done) look.route_lookups.push_back(std::move(lookup));
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || access.question == nullptr) return;
  if (!access.question->route.destination.empty()) return read_lookup(access, look);
  read_device_settings(access, look);
  const auto status = read_special_routes(access, look);
  if (!status) tell_blind(look, "routes that drop", status.error(), {});
}

}  // namespace

void parse_special_routes(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                          std::vector<model::SpecialRoute>& routes) {
  for (const auto& message : messages) {
    if (auto route = parse_special(message, netns)) routes.push_back(std::move(*route));
  }
}

bool parse_route_answer(const base::NetlinkMessage& message, model::RouteLookup& lookup) {
  const auto header = base::read_plain<rtmsg>(message.payload);
  if (message.type != RTM_NEWROUTE || !header || !is_ip(header->rtm_family)) return false;
  const Bytes attributes = base::attributes_after(message.payload, sizeof(rtmsg));
  lookup.type = type_name(header->rtm_type);
  lookup.ifindex = base::plain_attribute<std::uint32_t>(attributes, RTA_OIF).value_or(0);
  lookup.gateway =
      address_text(header->rtm_family, base::attribute(attributes, RTA_GATEWAY)).value_or("");
  // A gateway of the other family: RFC 5549.
  if (const auto via = base::attribute(attributes, RTA_VIA);
      via && via->size() > sizeof(std::uint16_t)) {
    const int family = base::read_plain<std::uint16_t>(*via).value_or(AF_UNSPEC);
    if (is_ip(family)) {
      lookup.gateway = address_text(family, via->subspan(sizeof(std::uint16_t))).value_or("");
    }
  }
  return true;
}

std::string errno_name(int number) {
  const char* name = strerrorname_np(number);
  return name == nullptr ? std::to_string(number) : std::string(name);
}

extern const Source routes;
const Source routes = {.name = "routes",
                       .scope = Scope::kNetns,
                       .cadence = Cadence::kWhenAsked,
                       .read = read,
                       .answers = model::Question::Kind::kRoutes};

}  // namespace sources
