// Traced drops of which the kernel did not tell the namespace.
#pragma once

#include <vector>

#include "diagnose/ledger.h"
#include "model/evidence.h"

namespace diagnose {

// Puts such entries where a counter of their place saw just these packets: a datagram whose
// checksum is found wrong when its reader comes has neither device nor socket any more (its
// device's memory is in use for something else), but Udp InCsumErrors of its namespace counts it.
// Without that, the drop would be booked twice. Of several namespaces, that which has the sampled
// destination is taken, else that whose counter lacks most. `entries` are all of one place; an
// entry that no counter has room for stays as it is, unless the trace tells no namespaces at all
// (model::traced_without_places): then each counter gets its part of it.
void find_homes(const model::Evidence& evidence, std::vector<Entry>& entries);

}  // namespace diagnose
