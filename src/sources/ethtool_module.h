// Reads what the plug-in module of a network card says of itself and of its light: the numbers of
// `ethtool -m`. The module is asked over a slow bus (some 10 ms), so only for the whole picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "sources/source.h"

namespace sources {

// The memory of a module as the kernel gives it, of the kind ETH_MODULE_SFF_* (8472: address A0h,
// then A2h; 8436 and 8636: lower page, then upper page 0). Told are settings {dev,netns}:
// `module.vendor`, `.part`, `.serial`, and where the module measures, with a label `lane` where
// there are several: `module.temperature_c`, `.supply_v`, `.tx_bias_ma`, `.tx_power_dbm`,
// `.rx_power_dbm` ("none" without any light), of SFF-8472 the limits of the last
// `.rx_power_low_alarm_dbm` and `.rx_power_high_alarm_dbm`, of the others `.rx_los` and `.tx_fault`
// ("on" where the module says that it receives no signal, or cannot send).
void parse_module(std::uint32_t kind, std::span<const std::byte> memory, const std::string& device,
                  const model::Inode& netns, Look& look);

}  // namespace sources
