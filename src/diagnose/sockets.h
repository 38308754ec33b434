// Step 3 of the ledger: places that lie in a socket are split by socket.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "diagnose/ledger.h"

namespace diagnose {

// The UDP sockets that may hold the account: same namespace, same local port.
[[nodiscard]] std::vector<const model::Socket*> sockets_at(const model::Evidence& evidence,
                                                           const model::Inode& netns,
                                                           std::uint16_t port);

// "udp *:53", "udp 10.0.0.1:53".
[[nodiscard]] std::string socket_text(const model::Socket& socket);

// One account per local port where the trace or the sockets' own drop counters tell them apart;
// what they leave of the namespace's counter stays an account without a socket. The parts add up to
// the pool.
[[nodiscard]] std::vector<Booked> split_by_socket(const model::Evidence& evidence,
                                                  std::span<const Entry> entries, Booked pool);

}  // namespace diagnose
