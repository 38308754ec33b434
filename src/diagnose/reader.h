// How the reader of a UDP socket behaves: how full its queue stays and how fast it reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "diagnose/bursts.h"
#include "model/evidence.h"

namespace diagnose {

struct Reader {
  std::uint64_t buffer_bytes = 0;  // sk_rcvbuf of the socket that dropped most; 0 = not seen
  bool watched = false;            // its queue was read at enough points to tell
  std::uint32_t points = 0;
  // Smallest share of the buffer in use while drops went on; after a burst too short to watch, in
  // the time that followed it.
  double emptiest_share = 0;
  std::optional<double> read_per_second;  // datagrams, all UDP sockets of the namespace
  model::CounterId read_counter;
};

// `shape` says when the drops were.
[[nodiscard]] Reader reader_of(const model::Evidence& evidence, const model::Inode& netns,
                               std::uint16_t port, const BurstShape& shape);

}  // namespace diagnose
