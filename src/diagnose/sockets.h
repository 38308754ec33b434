// Step 3 of the ledger: places that lie in a socket are split by socket.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "diagnose/ledger.h"

namespace diagnose {

// The sockets that may hold packets of the place ("udp.receive-buffer-full": UDP sockets,
// "listen.…": TCP listeners) in this namespace, of this local port; most drops first.
[[nodiscard]] std::vector<const model::Socket*> sockets_at(const model::Evidence& evidence,
                                                           std::string_view place,
                                                           const model::Inode& netns,
                                                           std::uint16_t port);

// Dropped by the socket inside the window, by its own counter.
[[nodiscard]] std::uint64_t drops_inside(const model::Socket& socket);

// The most connections that were seen waiting in a listener's accept queue.
[[nodiscard]] std::uint64_t longest_accept_queue(const model::Evidence& evidence,
                                                 const model::Socket& listener);

// "udp *:53", "udp 10.0.0.1:53".
[[nodiscard]] std::string socket_text(const model::Socket& socket);

// What follows `ss -ltn`: " 'sport = :53'"; "" where the port is not known.
[[nodiscard]] std::string port_filter(std::uint16_t port);

// One account per local port where the trace or the sockets' own drop counters tell them apart;
// what they leave of the namespace's counter stays an account without a socket. The parts add up to
// the pool.
[[nodiscard]] std::vector<Booked> split_by_socket(const model::Evidence& evidence,
                                                  std::span<const Entry> entries, Booked pool);

}  // namespace diagnose
