// What routing says about the packets of an account: the ways that the kernel would send them, the
// routes that drop them, the neighbours that they came from or wait for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/ledger.h"

namespace diagnose {

// The way of one sampled packet. Pointers are null where the kernel was not asked, or not yet.
struct Way {
  model::Inode netns;
  std::string source;
  std::string destination;
  std::uint32_t from_ifindex = 0;  // 0: its device does not tell, or it was made here
  std::string from_device;
  std::uint64_t samples = 0;
  const model::DropSample* sample = nullptr;         // the first one
  const model::RouteLookup* as_received = nullptr;   // as it came in
  const model::RouteLookup* as_made_here = nullptr;  // only its destination counts
  const model::RouteLookup* back = nullptr;          // to its source, as an answer would go
  [[nodiscard]] bool is_ipv6() const { return destination.find(':') != std::string::npos; }
};

// The ways of the account's samples, the most frequent first.
[[nodiscard]] std::vector<Way> ways_of(const model::Evidence& evidence, const Booked& booked);

// "10.55.1.1", "10.55.1.1, 10.55.1.2 and 3 more".
[[nodiscard]] std::string destinations_text(const std::vector<Way>& ways);

// "sampled: from 10.0.0.1 to 10.55.1.1, in by eth0", of ways that are not empty.
[[nodiscard]] model::Proof sampled_proof(const std::vector<Way>& ways);

// `ip route get` as the packet asked, to be typed in its namespace; DEV is to be filled in where
// the device is not known.
[[nodiscard]] std::string route_get(const model::Evidence& evidence, const Way& way);

// True where the kernel found a route to somebody else by this device or that.
[[nodiscard]] bool leads_on(const model::RouteLookup* lookup);

// Name of a device; "" where it is not known.
[[nodiscard]] std::string device_name(const model::Evidence& evidence, const model::Inode& netns,
                                      std::uint32_t ifindex);

// Whether `prefix` ("10.55.0.0/16", "fd55::/64") holds `address`. False where either is no address.
[[nodiscard]] bool covers(std::string_view prefix, const std::string& address);

// The most specific route of `type` (any where empty) that drops what is for `address`; null where
// none is known.
[[nodiscard]] const model::SpecialRoute* special_route_to(const model::Evidence& evidence,
                                                          const model::Inode& netns,
                                                          const std::string& address,
                                                          std::string_view type = "");

// A setting of one device: device_setting(…, "sysctl.net.ipv4.conf.rp_filter", "1", "eth0").
[[nodiscard]] std::optional<std::uint64_t> device_setting(const model::Evidence& evidence,
                                                          std::string_view name,
                                                          const model::Inode& netns,
                                                          const std::string& device);

// A device's name inside the name of a sysctl, where its dots are slashes.
[[nodiscard]] std::string sysctl_device(std::string device);

// The Ethernet address that sent the sampled packet here; "" where the sample does not hold it.
[[nodiscard]] std::string sender_link_layer(const model::DropSample& sample);

// The neighbour that handed the packet to us, by its Ethernet address; of several addresses with
// it, one of the packet's family that is not link-local. Null where the tables do not tell.
[[nodiscard]] const model::Neighbour* last_hop(const model::Evidence& evidence, const Way& way);

// The entry of an address; null where the table has none.
[[nodiscard]] const model::Neighbour* neighbour_of(const model::Evidence& evidence,
                                                   const model::Inode& netns, std::uint32_t ifindex,
                                                   const std::string& address);

}  // namespace diagnose
