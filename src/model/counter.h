// Counters and gauges by name. An id is `source.name{label="value",…}`, the kernel's spelling after
// the dot, labels in alphabetical order: snmp.Udp.RcvbufErrors{netns="4026531840"}.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace model {

using CounterId = std::string;

// `name` is "source.name"; labels must come in alphabetical order. Quotes, backslashes and newlines
// in a value are escaped as in OpenMetrics.
[[nodiscard]] CounterId counter_id(
    std::string_view name,
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels);

// "snmp.Udp.RcvbufErrors" of an id.
[[nodiscard]] std::string_view counter_name(std::string_view id);

// The unescaped value of a label, "" where the id lacks it.
[[nodiscard]] std::string counter_label(std::string_view id, std::string_view label);

// All labels of an id, unescaped, in their order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> counter_labels(std::string_view id);

// One look at many counters at (nearly) one time.
using Snapshot = std::map<CounterId, std::uint64_t, std::less<>>;

}  // namespace model
