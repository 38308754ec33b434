// UDP traffic: bursts, steady rates, questions with answers, and readers of every speed.
#pragma once

#include "lab/traffic/traffic.h"

namespace lab::traffic {

// `count` datagrams, either at `per_second`, or `burst` at a time with `gap` from the start of one
// burst to the start of the next.
struct UdpSend {
  Address to;
  std::uint64_t count = 1;
  std::uint32_t size_bytes = 64;
  std::uint32_t burst = 1;
  std::chrono::milliseconds gap{0};
  std::uint32_t per_second = 0;          // 0 = bursts
  std::uint32_t flows = 1;               // sockets, used in turn
  std::uint32_t send_buffer_bytes = 0;   // SO_SNDBUFFORCE; 0 = the host's default
  int cpu = -1;                          // -1 = any
  std::uint32_t bad_checksum_every = 0;  // every so many-th has a wrong checksum; 0 = none
};

// `received` stays 0; `errors` counts what the kernel did not take.
[[nodiscard]] base::Result<Counts> send_udp(const Common& common, const UdpSend& send);

// Sends `count` questions one after the other, each when the answer to the last one has come or
// one second has passed.
[[nodiscard]] base::Result<Counts> send_udp_requests(const Common& common, const UdpSend& send);

// How a receiver reads.
struct UdpReceive {
  Address at;
  std::uint32_t receive_buffer_bytes = 0;    // SO_RCVBUF; 0 = the host's default
  std::chrono::milliseconds drain_every{0};  // reads everything that often; 0 = as it comes
  std::uint32_t per_second = 0;              // reads one datagram that often; 0 = no limit
  bool idle = false;                         // never reads
  bool force = false;                        // SO_RCVBUFFORCE: not capped by the host
  bool with_poll = false;                    // asks by poll() whether there is something to read
};

// At its end it reads and counts what is still queued, so that sent - received is what was lost.
[[nodiscard]] base::Result<Counts> receive_udp(const Common& common, const UdpReceive& receive);

// Sends every datagram back to where it came from.
[[nodiscard]] base::Result<Counts> receive_udp_echo(const Common& common, const Address& at);

}  // namespace lab::traffic
