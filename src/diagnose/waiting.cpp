#include "diagnose/waiting.h"

#include "knowledge/knowledge.h"

namespace diagnose {
namespace {

std::uint64_t traced_at(const model::Evidence& evidence, const model::Inode& netns,
                        std::string_view place) {
  std::uint64_t packets = 0;
  for (const auto& tally : evidence.drops.tallies) {
    if (tally.netns != netns) continue;
    const auto* function = knowledge::find_function(tally.symbol, tally.reason);
    const auto* reason = knowledge::find_reason(tally.reason);
    const auto found = function != nullptr ? function->place
                       : reason != nullptr ? reason->place
                                           : std::string_view();
    if (found == place) packets += tally.packets;
  }
  return packets;
}

}  // namespace

NextHop next_hop_of(const model::Evidence& evidence, const Way& way) {
  NextHop hop;
  if (!leads_on(way.as_made_here)) return hop;
  hop.is_gateway = !way.as_made_here->gateway.empty();
  hop.address = hop.is_gateway ? way.as_made_here->gateway : way.destination;
  hop.device = device_name(evidence, way.netns, way.as_made_here->ifindex);
  hop.neighbour = neighbour_of(evidence, way.netns, way.as_made_here->ifindex, hop.address);
  return hop;
}

std::uint64_t given_up(const model::Evidence& evidence, const model::Inode& netns) {
  return traced_at(evidence, netns, "neighbour.unresolved");
}

std::uint64_t queue_overflow(const model::Evidence& evidence, const model::Inode& netns) {
  return traced_at(evidence, netns, "neighbour.queue-full");
}

}  // namespace diagnose
