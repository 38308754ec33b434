// Handshakes: many connections at once, a listener with a queue of a given length, and SYNs whose
// answers nobody takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "lab/traffic/traffic.h"

namespace lab::traffic {

struct TcpBurst {
  Address to;
  std::uint64_t count = 1;                   // connections
  std::uint32_t burst = 1;                   // begun at a time
  std::chrono::milliseconds gap{0};          // from burst to burst
  std::chrono::milliseconds patience{3500};  // for handshakes that are not finished yet
};

// Connections that stay open until all are there or patience ends. Counts handshake attempts: sent
// is every SYN, those that had to be sent again included (by tcp_info); received is the connections
// that came about as the client sees it: after a SYN cookie that can be more than the server's.
[[nodiscard]] base::Result<Counts> send_tcp_burst(const Common& common, const TcpBurst& burst);

struct TcpListen {
  Address at;
  int backlog = 1;
  std::chrono::milliseconds accept_every{0};  // accepts all that wait, every so often
  bool idle = false;                          // never accepts
};

// Accepts connections, and keeps them open to the end.
[[nodiscard]] base::Result<Counts> receive_tcp_listen(const Common& common,
                                                      const TcpListen& listen);

struct SynFlood {
  Address to;          // IPv4
  std::string device;  // whose link the SYNs and their answers pass
  std::uint64_t count = 1;
  std::uint32_t per_second = 1000;
};

// SYNs from the addresses of 198.51.100.0/24 (TEST-NET-2), each with a port of its own. Sent counts
// them; received counts those that were answered, by the SYN-ACKs that passed the device: nobody
// owns the addresses, so whoever answers must have a route for them that leads here.
[[nodiscard]] base::Result<Counts> send_syns(const Common& common, const SynFlood& flood);

}  // namespace lab::traffic
