// Reads /proc/net/sockstat and sockstat6: how many sockets there are and what memory they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sources/source.h"

namespace sources {

// Tells the numbers of lines "TCP: inuse 1 orphan 0" as sockstat.TCP.inuse + `netns_labels`, or
// with shared="host" where the kernel counts for the whole host.
void parse_sockstat(std::string_view text, std::string_view netns_labels, Look& look);

// How many sockets are in use by the line of `group` ("TCP", "UDP6"); nothing where it has none.
[[nodiscard]] std::optional<std::uint64_t> sockets_in_use(std::string_view text,
                                                          std::string_view group);

}  // namespace sources
