// Random packets for the test of filters: well-formed ones, ones whose fields lie, and noise.
#pragma once

#include <arpa/inet.h>

#include <string>
#include <vector>

#include "filter/random_values.h"

namespace filter {

struct RandomPacket {
  std::vector<std::uint8_t> bytes;  // as many as were captured
  std::uint32_t length = 0;         // on the wire
};

class PacketMaker {
 public:
  explicit PacketMaker(std::uint64_t seed) : dice_(seed) {}

  RandomPacket make(std::size_t most_bytes) {
    bytes_.clear();
    if (dice_.one_in(20)) {
      noise(dice_.below(most_bytes + 40));
    } else {
      ethernet();
    }
    if (dice_.one_in(6)) spoil();
    RandomPacket packet{.bytes = bytes_, .length = static_cast<std::uint32_t>(bytes_.size())};
    if (dice_.one_in(4)) packet.length += static_cast<std::uint32_t>(dice_.below(1500));
    auto kept = std::min(packet.bytes.size(), most_bytes);
    if (dice_.one_in(4)) kept = dice_.below(kept + 1);
    packet.bytes.resize(kept);
    return packet;
  }

 private:
  void byte(std::uint64_t value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
  void half(std::uint64_t value) {
    byte(value >> 8);
    byte(value);
  }
  void noise(std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) byte(dice_.below(dice_.one_in(2) ? 256 : 4));
  }
  void spoil() {
    for (auto times = dice_.below(4); times > 0 && !bytes_.empty(); --times) {
      bytes_[dice_.below(bytes_.size())] = static_cast<std::uint8_t>(dice_.below(256));
    }
  }
  template <std::size_t kBytes>
  void address(int family, std::string_view text) {
    std::array<std::uint8_t, kBytes> made{};
    inet_pton(family, std::string(text).c_str(), made.data());
    bytes_.insert(bytes_.end(), made.begin(), made.end());
  }
  void ipv4_address() { address<4>(AF_INET, dice_.of(kIpv4Hosts)); }
  void ipv6_address() { address<16>(AF_INET6, dice_.of(kIpv6Hosts)); }
  void mac() {
    const std::string text(dice_.of(kMacs));
    for (std::size_t at = 0; at < text.size(); at += 3)
      byte(std::stoul(text.substr(at, 2), nullptr, 16));
  }

  void ethernet() {
    mac();
    mac();
    if (dice_.one_in(4)) tag(dice_.one_in(3) ? 0x88a8 : 0x8100);
    if (dice_.one_in(10)) tag(dice_.one_in(4) ? 0x9100 : 0x8100);
    const auto type = dice_.of(kEtherTypes);
    half(type);
    network(type);
  }
  void tag(std::uint16_t type) {
    half(type);
    half(dice_.of(kVlans) | dice_.below(8) << 13);
  }
  void network(std::uint16_t type) {
    switch (type) {
      case 0x0800:
        return ipv4();
      case 0x86dd:
        return ipv6();
      case 0x0806:
      case 0x8035:
        return arp();
      case 0x8847:
        return mpls();
      case 0x8863:
      case 0x8864:
        return pppoe();
      default:
        byte(dice_.one_in(2) ? 0x42 : 0xfe);
        noise(dice_.below(60));
    }
  }
  void mpls() {
    for (auto labels = dice_.below(3) + 1; labels > 0; --labels) {
      half(dice_.below(4));
      byte(dice_.of(kVlans) << 4 | (labels == 1 ? 1 : 0));
      byte(64);
    }
    dice_.one_in(2) ? ipv4() : ipv6();
  }
  void pppoe() {
    byte(0x11);
    byte(dice_.below(2));
    half(dice_.of(kVlans));
    half(dice_.below(100));
    half(dice_.one_in(2) ? 0x0021 : 0x0057);
    dice_.one_in(2) ? ipv4() : ipv6();
  }
  void arp() {
    half(1);
    half(0x0800);
    byte(6);
    byte(4);
    half(dice_.below(3));
    mac();
    ipv4_address();
    mac();
    ipv4_address();
  }
  void ipv4() {
    const auto words = dice_.one_in(4) ? dice_.below(16) : 5;
    const auto protocol = dice_.of(kProtocols);
    byte((dice_.one_in(20) ? dice_.below(16) : 4) << 4 | words);
    byte(dice_.below(4));
    half(dice_.one_in(3) ? dice_.below(65536) : 20 + dice_.below(80));
    half(dice_.below(65536));
    half(dice_.one_in(5) ? dice_.below(65536) : (dice_.one_in(2) ? 0x4000 : 0));
    byte(dice_.one_in(3) ? dice_.below(256) : 64);
    byte(protocol);
    half(0);
    ipv4_address();
    ipv4_address();
    for (std::uint64_t word = 5; word < words; ++word) half(0), half(0);
    transport(protocol);
  }
  void ipv6() {
    auto protocol = dice_.of(kProtocols);
    const bool extended = dice_.one_in(4);
    byte(0x60);
    byte(0);
    half(0);
    half(dice_.one_in(3) ? dice_.below(65536) : dice_.below(80));
    byte(extended ? dice_.of(std::to_array<std::uint8_t>({0, 43, 44, 60})) : protocol);
    byte(dice_.one_in(2) ? 64 : 255);
    ipv6_address();
    ipv6_address();
    for (auto headers = extended ? dice_.below(2) + 1 : 0; headers > 0; --headers) {
      byte(headers == 1 ? protocol : 60);
      byte(0);
      noise(6);
    }
    transport(protocol);
  }
  void transport(std::uint8_t protocol) {
    if (protocol == 6 || protocol == 17 || protocol == 132) {
      half(dice_.of(kPorts));
      half(dice_.of(kPorts));
    } else if (protocol == 1 || protocol == 58) {
      byte(dice_.of(std::to_array<std::uint8_t>({0, 3, 8, 11, 128, 129, 135})));
      byte(dice_.below(4));
      noise(6);
    }
    if (protocol == 6) {
      noise(8);
      byte((dice_.below(11) + 5) << 4);
      byte(dice_.below(64));
      half(dice_.below(65536));
      noise(4);
    } else if (protocol == 17) {
      half(8 + dice_.below(64));
      half(0);
      noise(dice_.below(8));
    }
    noise(dice_.below(64));
  }

  Dice dice_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace filter
