// What a name means, as plain text: any drop reason, kernel function, counter or cause.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace knowledge {

// Text of at most 90 columns that ends in a newline; nothing where the name is not known. Accepts
// "SKB_DROP_REASON_X" and "X", "function+0x1a2", counters with and without source, dots and labels
// ("snmp.Udp.RcvbufErrors{…}", "Udp.RcvbufErrors", "UdpRcvbufErrors", "RcvbufErrors",
// "TcpExtListenDrops", "rx_missed_errors"), and ids of causes. Case does not matter.
[[nodiscard]] std::optional<std::string> explain(std::string_view name);

// Known names that look like `name`, best first, at most five; the views live for ever.
[[nodiscard]] std::vector<std::string_view> similar(std::string_view name);

}  // namespace knowledge
