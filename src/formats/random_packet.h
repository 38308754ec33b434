// Packets with every field filled at random, and names of any bytes, for the tests of this room.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "base/text.h"
#include "model/captured_packet.h"

namespace formats {

class RandomPackets {
 public:
  explicit RandomPackets(std::uint64_t seed) : random_(seed) {
    for (auto& interface : interfaces_) {
      interface = {bytes(5), std::to_string(below(5)), bytes(4), link_type()};
    }
  }

  // As it comes back from a file: comments are clean, the time is after 1970.
  [[nodiscard]] model::CapturedPacket make() {
    model::CapturedPacket packet;
    packet.time_ns = static_cast<std::int64_t>(below(std::numeric_limits<std::int64_t>::max()));
    packet.interface = interfaces_[below(interfaces_.size())];
    packet.bytes = bytes(below(40) == 0 ? 9000 : 100);
    packet.original_bytes = static_cast<std::uint32_t>(packet.bytes.size() + below(70'000));
    for (auto left = below(3); left > 0; --left) {
      packet.comments.push_back(base::printable(bytes(30)) + (flip() ? "\n" : ""));
    }
    if (flip()) packet.direction = flip() ? model::Direction::kReceive : model::Direction::kSend;
    if (flip()) packet.queue = number<std::uint32_t>();
    if (flip()) packet.left_out = number<std::uint64_t>();
    if (flip()) packet.packet_id = number<std::uint64_t>();
    if (flip()) packet.task = {number<std::uint32_t>(), number<std::uint32_t>()};
    if (flip()) {
      packet.verdict = {flip() ? model::ProgramVerdict::By::kTc : model::ProgramVerdict::By::kXdp,
                        number<std::uint64_t>()};
    }
    return packet;
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool flip() { return below(2) == 1; }

  [[nodiscard]] std::string bytes(std::uint64_t most) {
    std::string made(below(most + 1), '\0');
    for (auto& byte : made) byte = static_cast<char>(random_());
    return made;
  }

 private:
  model::LinkType link_type() {
    return flip() ? model::LinkType::kRawIp : static_cast<model::LinkType>(below(0x10000));
  }

  template <class Number>
  Number number() {
    constexpr std::array<Number, 3> kEdges = {0, 1, std::numeric_limits<Number>::max()};
    return below(3) == 0 ? kEdges[below(kEdges.size())] : static_cast<Number>(random_());
  }

  std::mt19937_64 random_;
  std::array<model::CaptureInterface, 6> interfaces_;
};

}  // namespace formats
