// What a counter's packets are a part of: a rate per packet tells more loss from more load.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace comparison {

// The ids of the counters that together count the packets, segments or datagrams among which those
// of `id` are, in the same place, the most telling first; none where there are none: then only the
// rate per second says something.
[[nodiscard]] std::vector<std::string> denominators_of(std::string_view id);

}  // namespace comparison
