// TCP traffic: bulk, many short connections, connections torn down rudely.
#pragma once

#include "lab/traffic/traffic.h"

namespace lab::traffic {

// Stops after whichever comes first; 0 = no limit of that kind.
struct TcpSend {
  Address to;
  std::uint64_t bytes = 0;
  std::chrono::seconds seconds{0};
};

// One connection, full speed. Counts bytes; ends when the other side has read all of them.
[[nodiscard]] base::Result<Counts> send_tcp(const Common& common, const TcpSend& send);

// `count` connections, one after the other, each with one small question and its answer.
[[nodiscard]] base::Result<Counts> send_tcp_connections(const Common& common, const Address& to,
                                                        std::uint64_t count);

// The same, but every connection is reset: in turn with the answer unread in its buffer, and with
// data of its own still under way (SO_LINGER 0).
[[nodiscard]] base::Result<Counts> send_tcp_torn(const Common& common, const Address& to,
                                                 std::uint64_t count);

// Reads all that comes on any number of connections. Counts bytes.
[[nodiscard]] base::Result<Counts> receive_tcp(const Common& common, const Address& at);

// Reads a question, gives a small answer, closes. Counts connections.
[[nodiscard]] base::Result<Counts> receive_tcp_questions(const Common& common, const Address& at);

}  // namespace lab::traffic
