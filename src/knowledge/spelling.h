// The many ways in which people write the names of the dictionary.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "knowledge/knowledge.h"

namespace knowledge {

// ASCII letters in lower case.
[[nodiscard]] std::string lower(std::string_view text);

// The name without what a user may have copied along: "SKB_DROP_REASON_", labels, "+0x1a2/0x900".
[[nodiscard]] std::string_view bare(std::string_view name);

// The counters that `name` can mean, by the first spelling of these that fits any: full name,
// without source, without source and dots, the last part alone; letter case does not matter.
[[nodiscard]] std::vector<const Counter*> counters_spelled(std::string_view name);

// How many letters must be inserted, deleted or replaced to make `b` of `a`.
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace knowledge
