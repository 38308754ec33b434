// What a counter's packets are a part of: a rate per packet tells more loss from more load.
#pragma once

#include <string>
#include <string_view>

namespace comparison {

// The id of the counter of the packets, segments or datagrams among which those of `id` are, in the
// same place; "" where there is none: then only the rate per second says something.
[[nodiscard]] std::string denominator_of(std::string_view id);

}  // namespace comparison
