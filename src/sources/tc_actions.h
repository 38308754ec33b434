// Reads what the actions of tc filters counted; and how the kernel tells a filter and its actions,
// and tc spells them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sources/source.h"

namespace sources {

// The device and hook that the filters of a dump hang on.
struct FilterPlace {
  std::string device;
  std::string hook;  // "tc-ingress", "tc-egress", or the handle of a qdisc ("1:")
};

// RTM_NEWTFILTER messages: counters `tc_action.packets`, `.bytes`, `.drops`, `.overlimits` and
// the like {action,dev,filter,hook,netns}; action "1 drop", filter "pref 49152 u32 handle
// 800::800".
void parse_action_counters(std::span<const base::NetlinkMessage> messages, const FilterPlace& place,
                           const model::Inode& netns, Look& look);

// Calls `take` with the number (from 1 on) and the attributes of each action of a filter: `options`
// is the content of its TCA_OPTIONS.
void for_each_action(std::string_view kind, std::span<const std::byte> options,
                     const std::function<void(int, std::span<const std::byte>)>& take);

// "drop" or "pass" of an action that only gives a verdict, else its kind ("police", "mirred").
[[nodiscard]] std::string action_text(std::span<const std::byte> action);

// As tc prints it: "0x1", and "800::800" of u32, whose handles are hash table, bucket and node.
[[nodiscard]] std::string filter_handle_text(std::string_view kind, std::uint32_t handle);

}  // namespace sources
