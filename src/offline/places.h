// Where in a report the things of each network namespace lie.
//
//   sos             proc/net, sys/class/net, sos_commands/PLUGIN/COMMAND; of another namespace only
//                   what commands print,
//                   sos_commands/PLUGIN/[namespaces/NS/]ip_netns_exec_NS_COMMAND
//   collect.sh      the same with commands/COMMAND; of another namespace namespaces/NS/proc/net and
//                   namespaces/NS/commands/COMMAND
//   filled by hand  proc/net, net, or the files of /proc/net themselves; COMMAND beside them
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/netns.h"
#include "offline/contents.h"

namespace offline {

struct Place {
  std::string name;      // "init": the one that the report was made in
  model::Inode id;       // a number of ours where the report does not tell the inode
  std::string proc_net;  // "/proc/net"
  std::string proc_sys;  // "/proc/sys"
  bool is_own = false;
};

// The namespace that the report was made in first. Error: it is no report.
[[nodiscard]] base::Result<std::vector<Place>> find_places(const Contents& contents);

// What a command printed in a namespace, by the name under which reports keep it
// ("ethtool_-S_eth0"). Null where the report lacks it.
[[nodiscard]] const std::string* printed_by(const Contents& contents, const Place& place,
                                            std::string_view command);
// By the first of these that is there.
[[nodiscard]] const std::string* printed_by_first(const Contents& contents, const Place& place,
                                                  std::span<const std::string_view> commands);

// The command as a file of a report is named after it: "ethtool -S eth0" -> "ethtool_-S_eth0".
[[nodiscard]] std::string as_file_name(std::string_view command);

}  // namespace offline
