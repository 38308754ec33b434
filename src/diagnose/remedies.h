// Pieces that the remedies of many causes are made of.
#pragma once

#include <string>
#include <string_view>

#include "model/diagnosis.h"
#include "model/evidence.h"

namespace diagnose {

// The command as it has to be typed to take effect in a network namespace: as it is for the initial
// one, behind `ip netns exec` where iproute2 knows the namespace by name, else behind `nsenter`
// with docker's name or a process of it (`pid` rather than the one that it was found by; to be
// filled in where none is known). Words of `command` that came from the host are quoted by who
// makes it (base::shell_quoted).
[[nodiscard]] std::string command_in(const model::Evidence& evidence, const model::Inode& netns,
                                     const std::string& command, std::uint32_t pid = 0);

// The same, always behind `nsenter`: `ip netns exec` and `ip -n` mount a /sys of their own, in
// which nothing is pinned below /sys/fs/bpf.
[[nodiscard]] std::string command_entering(const model::Evidence& evidence,
                                           const model::Inode& netns, const std::string& command,
                                           std::uint32_t pid = 0);

// The same for a command that reads /sys, which shows the devices of the namespace in which it was
// mounted: `ip netns exec` mounts another, behind `nsenter` that is left to do.
[[nodiscard]] std::string reading_sysfs_in(const model::Evidence& evidence,
                                           const model::Inode& netns, const std::string& command);

// The same for a command of iproute2 (`tool`: "ip", "tc"), which enters a namespace by name itself.
[[nodiscard]] std::string iproute_in(const model::Evidence& evidence, const model::Inode& netns,
                                     std::string_view tool, const std::string& arguments);

// A sysctl of one namespace from its present to another value, with undo and, in the initial
// namespace, a file that keeps it. `name` is dotted: "net.core.somaxconn".
[[nodiscard]] model::Remedy sysctl_remedy(const model::Evidence& evidence,
                                          const model::Inode& netns, std::string_view name,
                                          std::string_view from, std::string_view to,
                                          std::uint32_t pid = 0);

}  // namespace diagnose
