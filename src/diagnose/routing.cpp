#include "diagnose/routing.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose {
namespace {

using model::Evidence;

// Destinations that a title can hold.
constexpr size_t kMostNamed = 2;

struct IpAddress {
  int family = AF_UNSPEC;
  std::array<std::uint8_t, sizeof(in6_addr)> bytes{};
  [[nodiscard]] size_t length() const {
    return family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
  }
};

std::optional<IpAddress> parse_ip(const std::string& text) {
  IpAddress address{.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6};
  if (inet_pton(address.family, text.c_str(), address.bytes.data()) != 1) return {};
  return address;
}

bool same_bits(const IpAddress& one, const IpAddress& other, size_t bits) {
  const size_t whole = bits / 8;
  if (!std::equal(one.bytes.begin(), one.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  other.bytes.begin())) {
    return false;
  }
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> (bits % 8));
  return (one.bytes[whole] & mask) == (other.bytes[whole] & mask);
}

size_t prefix_length(std::string_view prefix) {
  return base::parse_number<size_t>(prefix.substr(prefix.find('/') + 1)).value_or(0);
}

const model::RouteLookup* lookup_of(const Evidence& evidence, const model::Inode& netns,
                                    const std::string& source, const std::string& destination,
                                    std::uint32_t from_ifindex) {
  for (const auto& lookup : evidence.route_lookups) {
    if (lookup.netns == netns && lookup.source == source && lookup.destination == destination &&
        lookup.from_ifindex == from_ifindex) {
      return &lookup;
    }
  }
  return nullptr;
}

std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(base::parse_number<std::uint8_t>(hex.substr(at, 2), 16).value_or(0));
  }
  return bytes;
}

// The offset of the source address in an Ethernet frame; 0 where it carries no IP.
size_t source_offset(const std::vector<std::uint8_t>& frame) {
  constexpr size_t kEthernetBytes = 14;
  constexpr size_t kInIpv4 = 12;
  constexpr size_t kInIpv6 = 8;
  if (frame.size() <= kEthernetBytes) return 0;
  if (frame[12] == 0x08 && frame[13] == 0x00) return kEthernetBytes + kInIpv4;
  if (frame[12] == 0x86 && frame[13] == 0xdd) return kEthernetBytes + kInIpv6;
  return 0;
}

}  // namespace

std::vector<Way> ways_of(const Evidence& evidence, const Booked& booked) {
  std::vector<Way> ways;
  for (const auto* sample : samples_of(evidence, booked)) {
    if (!sample->flow) continue;
    const auto& tally = evidence.drops.tallies[sample->tally];
    const auto from = arrival_ifindex(booked, tally);
    const auto known = std::ranges::find_if(ways, [&](const Way& way) {
      return way.netns == tally.netns && way.source == sample->flow->source &&
             way.destination == sample->flow->destination && way.from_ifindex == from;
    });
    if (known != ways.end()) {
      ++known->samples;
      continue;
    }
    Way way{.netns = tally.netns,
            .source = sample->flow->source,
            .destination = sample->flow->destination,
            .from_ifindex = from,
            .from_device = device_name(evidence, tally.netns, from),
            .samples = 1,
            .sample = sample};
    if (from != 0) {
      way.as_received = lookup_of(evidence, way.netns, way.source, way.destination, from);
    }
    way.as_made_here = lookup_of(evidence, way.netns, way.source, way.destination, 0);
    way.back = lookup_of(evidence, way.netns, way.destination, way.source, 0);
    ways.push_back(std::move(way));
  }
  // Those first that the kernel was asked about, for it was asked only about a few; then by number.
  std::ranges::sort(ways, {}, [](const Way& way) {
    const bool asked = way.as_received != nullptr || way.as_made_here != nullptr;
    return std::tuple(!asked, ~way.samples, way.destination, way.source, way.from_ifindex);
  });
  return ways;
}

std::string destinations_text(const std::vector<Way>& ways) {
  std::vector<std::string> all;
  for (const auto& way : ways) {
    if (std::ranges::find(all, way.destination) == all.end()) all.push_back(way.destination);
  }
  const size_t named = std::min(all.size(), kMostNamed);
  auto text =
      fmt::format("{}", fmt::join(all.begin(), all.begin() + static_cast<int>(named), ", "));
  if (all.size() > named) text += fmt::format(" and {} more", all.size() - named);
  return text;
}

model::Proof sampled_proof(const std::vector<Way>& ways) {
  const auto& way = ways.front();
  return {fmt::format("sampled: from {} to {}{}", way.source, destinations_text(ways),
                      way.from_device.empty() ? "" : ", in by " + way.from_device),
          "drops.samples",
          {}};
}

std::string route_get(const Evidence& evidence, const Way& way) {
  return command_in(evidence, way.netns,
                    fmt::format("ip route get {} from {} iif {}", way.destination, way.source,
                                way.from_device.empty() ? "DEV" : way.from_device));
}

bool leads_on(const model::RouteLookup* lookup) {
  return lookup != nullptr && lookup->error.empty() && lookup->type == "unicast";
}

std::string device_name(const Evidence& evidence, const model::Inode& netns,
                        std::uint32_t ifindex) {
  const auto* device = ifindex == 0 ? nullptr : model::find_device(evidence, netns, ifindex);
  return device == nullptr ? "" : device->name;
}

bool covers(std::string_view prefix, const std::string& address) {
  const auto slash = prefix.find('/');
  if (slash == std::string_view::npos) return false;
  const auto network = parse_ip(std::string(prefix.substr(0, slash)));
  const auto wanted = parse_ip(address);
  if (!network || !wanted || network->family != wanted->family) return false;
  const auto bits = base::parse_number<size_t>(prefix.substr(slash + 1));
  return bits && *bits <= 8 * network->length() && same_bits(*network, *wanted, *bits);
}

const model::SpecialRoute* special_route_to(const Evidence& evidence, const model::Inode& netns,
                                            const std::string& address, std::string_view type) {
  const model::SpecialRoute* best = nullptr;
  for (const auto& route : evidence.special_routes) {
    if (route.netns != netns || (!type.empty() && route.type != type)) continue;
    if (!covers(route.destination, address)) continue;
    const bool better =
        best == nullptr || prefix_length(route.destination) > prefix_length(best->destination);
    if (better) best = &route;
  }
  return best;
}

std::optional<std::uint64_t> device_setting(const Evidence& evidence, std::string_view name,
                                            const model::Inode& netns, const std::string& device) {
  return model::number_setting(evidence,
                               model::counter_id(name, {{"dev", device}, {"netns", netns}}));
}

std::string sysctl_device(std::string device) {
  std::ranges::replace(device, '.', '/');
  return device;
}

std::string sender_link_layer(const model::DropSample& sample) {
  const auto frame = bytes_of(sample.headers_hex);
  const auto offset = source_offset(frame);
  const auto source = sample.flow ? parse_ip(sample.flow->source) : std::nullopt;
  if (offset == 0 || !source || frame.size() < offset + source->length()) return "";
  // Headers can begin with the network layer; only where the addresses agree it was Ethernet.
  if (std::memcmp(frame.data() + offset, source->bytes.data(), source->length()) != 0) return "";
  return fmt::format("{:02x}", fmt::join(frame.begin() + 6, frame.begin() + 12, ":"));
}

const model::Neighbour* last_hop(const Evidence& evidence, const Way& way) {
  const auto link_layer = way.sample == nullptr ? "" : sender_link_layer(*way.sample);
  if (link_layer.empty()) return nullptr;
  const model::Neighbour* found = nullptr;
  for (const auto& neighbour : evidence.neighbours) {
    const bool there = neighbour.netns == way.netns && neighbour.ifindex == way.from_ifindex &&
                       neighbour.link_layer == link_layer;
    const bool same_family = (neighbour.address.find(':') != std::string::npos) == way.is_ipv6();
    if (!there || !same_family) continue;
    if (found == nullptr || found->address.starts_with("fe80:")) found = &neighbour;
  }
  return found;
}

const model::Neighbour* neighbour_of(const Evidence& evidence, const model::Inode& netns,
                                     std::uint32_t ifindex, const std::string& address) {
  for (const auto& neighbour : evidence.neighbours) {
    if (neighbour.netns == netns && neighbour.ifindex == ifindex && neighbour.address == address) {
      return &neighbour;
    }
  }
  return nullptr;
}

}  // namespace diagnose
