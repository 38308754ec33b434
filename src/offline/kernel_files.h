// What programs print of the kernel's files, turned back into those files, so that one parser reads
// both.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace offline {

// /proc/net/snmp, netstat and snmp6; "" where nothing of a file was printed.
struct ProtocolFiles {
  std::string snmp;
  std::string netstat;
  std::string snmp6;
};

// Of `nstat -az` (and -zas, as sos calls it).
[[nodiscard]] ProtocolFiles files_of_nstat(std::string_view text);

// Of `netstat -s`, which leaves out counters that are 0 and words those that it knows: only what
// tells of traffic and loss is taken. For reports that have nothing else of a namespace.
[[nodiscard]] ProtocolFiles files_of_netstat(std::string_view text);

// Of `sysctl -a`: "net/core/rmem_max" -> "212992", as below /proc/sys. Only net.*.
[[nodiscard]] std::map<std::string, std::string> files_of_sysctl(std::string_view text);

}  // namespace offline
