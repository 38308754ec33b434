// Reads how network hardware sits in the machine: PCI link, errors that it reported, NUMA node.
#pragma once

#include <string>

#include "sources/source.h"

namespace sources {

// Of each hardware device of `access`, found under `bus` ("/sys/bus"): settings `pci.link_speed`,
// `.link_width`, `.link_speed_max`, `.link_width_max`, `pci.numa_node` {dev,netns}, counters
// `pci.aer_correctable`, `.aer_nonfatal`, `.aer_fatal` {dev,netns}.
void read_pci(const Access& access, const std::string& bus, Look& look);

}  // namespace sources
