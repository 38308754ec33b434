// Tables made by hand, for the tests of this room: what the kernel half would write.
#pragma once

#include <span>
#include <vector>

#include "probes/drops/tallies.h"

namespace probes::drops {

inline constexpr std::uint64_t kUdpQueue = 0xffffffff82047670;
inline constexpr std::uint64_t kNetfilter = 0xffffffff82060000;
inline constexpr std::uint32_t kHome = 4026531840;
inline constexpr std::chrono::nanoseconds kStart = std::chrono::milliseconds(50'000);
inline constexpr std::uint32_t kStartSlot = 5000;

// The kernel's side: two CPUs, one table each.
class Tables {
 public:
  Tables() : tables_(2) {}

  // Adds drops of 100 bytes and 768 bytes of truesize to a cell.
  void drop(std::uint32_t cpu, std::uint32_t index, const wire::DropKey& key,
            std::uint64_t packets) {
    wire::DropCell& cell = tables_[cpu].cells[index];
    cell.key = key;
    cell.events += packets;
    cell.packets += packets;
    cell.bytes += packets * 100;
    cell.truesize += packets * 768;
  }

  // What the kernel writes before the first drop of a slot.
  wire::DropOpening open(std::uint16_t cpu, std::uint16_t index, std::uint32_t slot) {
    wire::DropCell& cell = tables_[cpu].cells[index];
    cell.slot = slot;
    ++cell.opened;
    return {.cell = index,
            .cpu = cpu,
            .slot = slot,
            .opened = cell.opened,
            .padding = 0,
            .packets = cell.packets,
            .bytes = cell.bytes,
            .truesize = cell.truesize};
  }

  wire::DropTable& of(std::uint32_t cpu) { return tables_[cpu]; }
  operator std::span<const wire::DropTable>() const { return tables_; }

 private:
  std::vector<wire::DropTable> tables_;
};

inline wire::DropKey key(std::uint64_t location, std::uint16_t port = 0) {
  return {.location = location,
          .netns = kHome,
          .reason = 6,
          .ifindex = 1,
          .protocol = 0x0800,
          .port = port};
}

inline Names all_known() {
  return {.symbols = nullptr, .reasons = nullptr, .known_netns = [](const auto&) { return true; }};
}

}  // namespace probes::drops
