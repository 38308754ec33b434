// Evidence without names: addresses, host, process and container names become pseudonyms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/evidence.h"

namespace formats {

// The same name gives the same pseudonym under one key, so flows and owners can still be told
// apart; addresses that share a prefix still do (each bit is flipped by a keyed hash of the bits
// before it). Well-known addresses (any, loopback) stay. Packet headers are left out.
[[nodiscard]] model::Evidence redacted(model::Evidence evidence, std::uint64_t key);

// The pseudonym of one IPv4 or IPv6 address in text form; text that is no address becomes a name.
[[nodiscard]] std::string redacted_address(std::string_view address, std::uint64_t key);

}  // namespace formats
