// Numbers of pcapng (draft-ietf-opsawg-pcapng) that both its writer and its reader need.
#pragma once

#include <cstddef>
#include <cstdint>

namespace formats::pcapng {

enum BlockType : std::uint32_t {
  kInterfaceBlock = 1,
  kOldPacketBlock = 2,
  kSimplePacketBlock = 3,
  kStatisticsBlock = 5,
  kPacketBlock = 6,
  kSectionBlock = 0x0a0d0d0a,  // the same in either byte order
};

inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr std::uint16_t kMajorVersion = 1;
// Of a section: unknown; it ends where the next begins.
inline constexpr std::uint64_t kNoSectionLength = ~std::uint64_t{0};

// Type, length, and the length again.
inline constexpr std::size_t kBlockFrame = 12;
// What no block of ours exceeds and no sound packet needs; Wireshark refuses longer blocks, too.
inline constexpr std::size_t kMostBlockBytes = std::size_t{16} << 20;

// In any block.
inline constexpr std::uint16_t kEndOfOptions = 0;
inline constexpr std::uint16_t kComment = 1;

enum SectionOption : std::uint16_t { kHardware = 2, kOperatingSystem = 3, kApplication = 4 };

enum InterfaceOption : std::uint16_t {
  kName = 2,
  kDescription = 3,
  kTimeResolution = 9,
  kInterfaceOs = 12,
  kTimeOffset = 14,
};

enum PacketOption : std::uint16_t {
  kFlags = 2,
  kDropCount = 4,
  kPacketId = 5,
  kQueue = 6,
  kVerdict = 7,
  kProcessAndThread = 8,
};

enum StatisticsOption : std::uint16_t {
  kStartTime = 2,
  kEndTime = 3,
  kReceived = 4,
  kDroppedByInterface = 5,
  kDroppedBySystem = 7,
  kDelivered = 8,
};

// Bits 0 and 1 of kFlags.
inline constexpr std::uint32_t kDirectionBits = 3;
inline constexpr std::uint32_t kInbound = 1;
inline constexpr std::uint32_t kOutbound = 2;

// kTimeResolution: a power of ten, or of two with this bit. Nanoseconds are what we write.
inline constexpr std::uint8_t kPowerOfTwo = 0x80;
inline constexpr std::uint8_t kNanoseconds = 9;
inline constexpr std::uint8_t kMicroseconds = 6;  // where the option is missing

}  // namespace formats::pcapng
