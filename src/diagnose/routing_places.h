// Places of routing that neither reason nor function decide alone: IPv6 says "no route" of three
// different faults, and one function ends packets of both directions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "diagnose/ledger.h"

namespace diagnose {

// The place of the contract on which the tally is booked, in the light of its samples and of the
// settings; "" where the tables of knowledge/ are right.
[[nodiscard]] std::string_view routing_place(const model::Evidence& evidence, std::uint32_t tally);

// The IPv6 counters of routing, as witnesses: Ip6InNoRoutes also counts what is noise or dropped by
// a route on purpose, and Ip6InAddrErrors means switched off forwarding only where it is off.
[[nodiscard]] std::vector<Entry> ipv6_routing_entries(const model::Evidence& evidence);

}  // namespace diagnose
