#include "formats/pcapng_fields.h"

#include <algorithm>
#include <limits>

#include "formats/pcapng_codes.h"

namespace formats::pcapng {
namespace {

// 2^64 units of a second are 2^94 nanoseconds: nothing below leaves 128 bits.
__extension__ using Wide = __int128;

constexpr Wide kSecond = 1'000'000'000;

Wide scaled(std::uint64_t units, std::uint8_t resolution) {
  const int power = resolution & ~kPowerOfTwo;
  Wide time = units;
  if ((resolution & kPowerOfTwo) != 0) return (time * kSecond) >> power;
  for (int at = power; at < kNanoseconds; ++at) time *= 10;
  for (int at = kNanoseconds; at < power && time > 0; ++at) time /= 10;
  return time;
}

}  // namespace

std::int64_t nanoseconds_of(std::uint64_t units, std::uint8_t resolution, std::int64_t offset_s) {
  constexpr Wide kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr Wide kLast = std::numeric_limits<std::int64_t>::max();
  const Wide time = scaled(units, resolution) + offset_s * kSecond;
  return static_cast<std::int64_t>(std::clamp(time, kFirst, kLast));
}

}  // namespace formats::pcapng
