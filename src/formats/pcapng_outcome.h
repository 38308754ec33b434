// All that a pcapng file holds, gathered: for the tests of this room.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pcapng_read.h"

namespace formats {

struct Outcome {
  std::vector<model::CapturedPacket> packets;
  std::vector<model::CaptureStatistics> statistics;
  PcapngSource source;
  PcapngEnd end;
  std::string error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Feeds `file` in pieces of the lengths that `piece` gives.
template <class Piece>
[[nodiscard]] Outcome read_in_pieces(std::string_view file, Piece piece) {
  Outcome outcome;
  PcapngReader reader(
      [&](const model::CapturedPacket& packet) {
        outcome.packets.push_back(packet);
        return true;
      },
      [&](const model::CaptureStatistics& statistics) {
        outcome.statistics.push_back(statistics);
      });
  while (!file.empty()) {
    const auto length = std::min<size_t>(piece(), file.size());
    const auto fed = reader.feed(file.substr(0, length));
    if (!fed) outcome.error = fed.error().what;
    file.remove_prefix(length);
  }
  const auto end = reader.finish();
  if (end) {
    outcome.end = *end;
  } else {
    outcome.error = end.error().what;
  }
  outcome.source = reader.source();
  return outcome;
}

[[nodiscard]] inline Outcome read_at_once(std::string_view file) {
  return read_in_pieces(file, [&] { return file.size(); });
}

}  // namespace formats
