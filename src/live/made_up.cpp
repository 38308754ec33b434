#include "live/made_up.h"

#include <arpa/inet.h>

#include <algorithm>

namespace live {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::size_t kTcpBytes = 20;

class Bytes {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value & 0xff));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value & 0xffff));
  }
  void zeros(std::size_t count) { bytes_.insert(bytes_.end(), count, 0); }
  // False where `text` is no address of this family; an absent one ("") is all zeros.
  bool address(int family, const std::string& text) {
    std::uint8_t raw[16] = {};
    const bool v6 = family == 6;
    if (!text.empty() && inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), raw) != 1) return false;
    bytes_.insert(bytes_.end(), raw, raw + (v6 ? 16 : 4));
    return true;
  }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

std::uint16_t length_field(std::size_t bytes) {
  return static_cast<std::uint16_t>(std::min<std::size_t>(bytes, 0xffff));
}

void put_ip_start(const TcpFields& fields, Bytes& bytes) {
  const std::size_t after = kTcpBytes + fields.payload_bytes;
  if (fields.family == 6) {
    bytes.u32(0x60000000);
    bytes.u16(length_field(after));
    bytes.u8(kTcp);
    bytes.u8(64);
    return;
  }
  bytes.u16(0x4500);
  bytes.u16(length_field(20 + after));
  bytes.u32(0x00004000);  // no id; do not fragment
  bytes.u8(64);
  bytes.u8(kTcp);
  bytes.u16(0);
}

}  // namespace

std::vector<std::uint8_t> made_up_headers(const TcpFields& fields) {
  Bytes bytes;
  bytes.zeros(12);
  bytes.u16(fields.family == 6 ? 0x86dd : 0x0800);
  put_ip_start(fields, bytes);
  if (!bytes.address(fields.family, fields.source)) return {};
  if (!bytes.address(fields.family, fields.destination)) return {};
  bytes.u16(fields.source_port);
  bytes.u16(fields.destination_port);
  bytes.u32(fields.sequence);
  bytes.u32(fields.acknowledges);
  bytes.u8(kTcpBytes / 4 << 4);
  bytes.u8(fields.flags);
  bytes.zeros(6);
  return bytes.take();
}

}  // namespace live
