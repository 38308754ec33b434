#include "lab/traffic/checksum.h"

#include <cstring>

namespace lab::traffic {

std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (size_t index = 0; index < bytes.size(); index += 2) {
    std::uint16_t word = 0;
    std::memcpy(&word, &bytes[index], bytes.size() - index < 2 ? 1 : 2);
    sum += word;
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace lab::traffic
