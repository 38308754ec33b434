// Reads /proc/net/snmp, netstat and snmp6: what the protocols of a namespace counted.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// Tells the numbers of pairs of lines ("Udp: InDatagrams NoPorts" over "Udp: 26 0") as
// `file`.Udp.InDatagrams + `labels`. Names are what counts: kernels insert fields anywhere. A pair
// whose names and numbers differ in count is skipped. `before` is the text at the last read, whose
// numbers are not told again ("" for none).
void parse_snmp_pairs(std::string_view file, std::string_view text, std::string_view before,
                      std::string_view labels, Look& look);

// Tells the numbers of lines "Udp6RcvbufErrors 0" as snmp6.Udp6RcvbufErrors + `labels`.
void parse_snmp6(std::string_view text, std::string_view before, std::string_view labels,
                 Look& look);

}  // namespace sources
