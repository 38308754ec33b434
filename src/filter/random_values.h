// The few addresses, ports and numbers that random filters ask for and random packets hold: drawn
// from the same small sets, they meet.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>

namespace filter {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  bool one_in(std::uint64_t chances) { return below(chances) == 0; }
  template <class Value>
  Value of(std::span<const Value> values) {
    return values[below(values.size())];
  }
  template <class Value, std::size_t kCount>
  Value of(const std::array<Value, kCount>& values) {
    return values[below(kCount)];
  }

 private:
  std::mt19937_64 engine_;
};

inline constexpr auto kIpv4Hosts = std::to_array<std::string_view>(
    {"10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.1.7", "255.255.255.255", "224.0.0.1"});
inline constexpr auto kIpv6Hosts =
    std::to_array<std::string_view>({"fd00::1", "fd00::2", "2001:db8::5", "ff02::1", "::1"});
inline constexpr auto kMacs = std::to_array<std::string_view>(
    {"02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"});
inline constexpr auto kPorts = std::to_array<std::uint16_t>({22, 53, 80, 443, 4789, 5401, 6081});
inline constexpr auto kVlans = std::to_array<std::uint16_t>({0, 5, 7, 4095});
inline constexpr auto kEtherTypes = std::to_array<std::uint16_t>(
    {0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x8035, 0x8847, 0x8863, 0x8864, 0x88cc, 46});
inline constexpr auto kProtocols = std::to_array<std::uint8_t>(
    {6, 6, 17, 17, 17, 1, 58, 2, 132, 47, 50, 51, 103, 112, 0, 41, 44, 255});

}  // namespace filter
