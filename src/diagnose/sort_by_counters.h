// Traces that say too little of where they were: of kernels that give no reason, and of rungs that
// see no device.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "diagnose/ledger.h"
#include "model/evidence.h"

namespace diagnose {

// Before 5.17 packets of several places are freed at one function: what no socket takes, what has a
// wrong checksum and what finds the socket's backlog full all end in tcp_v4_rcv. The table takes
// such a trace for the most frequent of them; where the counter of another rose, as many are moved
// there. The same where the reason of a full queue is that of netem and of a device without carrier
// too, and the trace tells no device. `places` are the entries by account.
void sort_by_counters(const model::Evidence& evidence,
                      std::map<std::string, std::vector<Entry>>& places);

}  // namespace diagnose
