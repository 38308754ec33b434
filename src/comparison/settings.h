// What was set otherwise in the two windows.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/comparison.h"

namespace comparison {

struct SettingsCompared {
  std::vector<model::SettingChange> changed;  // most suspicious first
  std::size_t compared = 0;
};

// Settings, kernel and machine, devices, queueing disciplines, firewall rules and routes (by their
// number). What the kernel itself moves (a byte queue limit) is no setting.
[[nodiscard]] SettingsCompared compare_settings(
    const model::Evidence& a, const model::Evidence& b,
    const std::map<model::Inode, model::Inode>& namespaces);

}  // namespace comparison
