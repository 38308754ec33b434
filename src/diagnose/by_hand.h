// How an expert reads the same number without whydrop.
#pragma once

#include <string>

#include "model/evidence.h"

namespace diagnose {

// The command that shows this counter, gauge or setting, as it has to be typed on this host; ""
// where no tool shows it.
[[nodiscard]] std::string command_by_hand(const model::Evidence& evidence,
                                          const model::CounterId& id);

}  // namespace diagnose
