// Reads what routing says: routes that drop, the settings of each device, the way of one packet.
#pragma once

#include <span>
#include <string>

#include "sources/source.h"

namespace sources {

// Adds the routes of types blackhole, prohibit and unreachable among the messages of a route dump;
// nothing of cached or cloned routes.
void parse_special_routes(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                          std::vector<model::SpecialRoute>& routes);

// Puts the kernel's answer to one RTM_GETROUTE (RTM_NEWROUTE) into `lookup`: its type, device and
// gateway. False where the message is no such answer.
bool parse_route_answer(const base::NetlinkMessage& message, model::RouteLookup& lookup);

// The name of an errno as the kernel's sources spell it: "ENETUNREACH"; its number where it has
// none.
[[nodiscard]] std::string errno_name(int number);

}  // namespace sources
