// Reads what connection tracking counted, for each CPU, as `conntrack -S` shows it.
#pragma once

#include <span>

#include "sources/source.h"

namespace sources {

// Answers to IPCTNL_MSG_CT_GET_STATS_CPU: counters `conntrack.insert_failed{cpu,netns}` and the
// like, under the names of `conntrack -S`.
void parse_conntrack_cpus(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                          Look& look);

// The answer to IPCTNL_MSG_CT_GET_STATS: gauge `conntrack.entries{netns}`, setting
// `conntrack.max_entries{netns}`.
void parse_conntrack_table(std::span<const base::NetlinkMessage> messages,
                           const model::Inode& netns, Look& look);

}  // namespace sources
