// Which namespace of one window is which of the other, so that their counters can be put side by
// side.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/evidence.h"

namespace comparison {

// Inode numbers of A's namespaces -> those of the same namespaces in B. The same inode is the same
// namespace within one boot of one host; otherwise the name decides: of ip-netns or docker, the
// container, the unit. One of A that is not in B gets a name that no inode has.
[[nodiscard]] std::map<model::Inode, model::Inode> matched_namespaces(const model::Evidence& a,
                                                                      const model::Evidence& b);

// The id with the namespace in it as B knows it.
[[nodiscard]] std::string translated(std::string_view id,
                                     const std::map<model::Inode, model::Inode>& namespaces);

// What a user calls the namespace of an id of B's, or of A's that B lacks; "" = the host's.
[[nodiscard]] std::string netns_name(std::string_view id, const model::Evidence& a,
                                     const model::Evidence& b);

}  // namespace comparison
