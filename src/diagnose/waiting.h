// Packets that wait for their next hop's link-layer address: for whom they wait, and what became of
// others that waited.
#pragma once

#include <cstdint>
#include <string>

#include "diagnose/routing.h"

namespace diagnose {

struct NextHop {
  std::string address;  // "" where the kernel was not asked for the way
  std::string device;
  bool is_gateway = false;  // false: the destination itself
  const model::Neighbour* neighbour = nullptr;
  [[nodiscard]] bool is_unresolved() const {
    return neighbour != nullptr &&
           (neighbour->state == "failed" || neighbour->state == "incomplete");
  }
};

// Where the packet was to be handed to.
[[nodiscard]] NextHop next_hop_of(const model::Evidence& evidence, const Way& way);

// Packets of the namespace that were given up because nobody told the address.
[[nodiscard]] std::uint64_t given_up(const model::Evidence& evidence, const model::Inode& netns);

// Packets of the namespace that the queue had no room for.
[[nodiscard]] std::uint64_t queue_overflow(const model::Evidence& evidence,
                                           const model::Inode& netns);

}  // namespace diagnose
