// Reads which CPUs the packets of each receive queue are steered to.
#pragma once

#include <string>

#include "sources/source.h"

namespace sources {

// Tells the setting rps.cpus{dev,netns,queue} of every receive queue below `sysfs`, where the
// devices of the namespace are: a mask of CPUs in hexadecimal, in the kernel's words ("3",
// "ff,00000000"); all zero = not steered.
void read_steering(const Access& access, const std::string& sysfs, Look& look);

// The same of one queue: `queue` is its folder, `labels` {dev,netns,queue}.
void tell_steering(const base::Files& files, const std::string& queue, const std::string& labels,
                   Look& look);

}  // namespace sources
