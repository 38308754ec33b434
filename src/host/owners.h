// Which process holds a socket.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/files.h"
#include "model/evidence.h"

namespace host {

// Owners by socket inode, found through /proc/PID/fd. Of several processes that share a socket the
// one with the lowest pid counts. An inode without a readable owner is left out: processes of other
// users need CAP_SYS_PTRACE.
[[nodiscard]] std::map<std::uint64_t, model::Owner> find_owners(
    const base::Files& files, const std::set<std::uint64_t>& inodes);

}  // namespace host
