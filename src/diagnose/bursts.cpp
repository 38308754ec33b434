#include "diagnose/bursts.h"

#include <algorithm>
#include <map>

namespace diagnose {
namespace {

constexpr double kSlotSeconds = 0.010;
constexpr std::uint32_t kWindowSlots = 10;  // 100 ms

using Slots = std::map<std::uint32_t, model::BurstSlot>;

void measure_bursts(const Slots& slots, BurstShape& shape) {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint64_t packets = 0;
  std::uint64_t truesize = 0;
  std::uint64_t bytes = 0;
  const auto close = [&] {
    shape.largest_packets = std::max(shape.largest_packets, packets);
    shape.largest_truesize_bytes = std::max(shape.largest_truesize_bytes, truesize);
    shape.largest_bytes = std::max(shape.largest_bytes, bytes);
    shape.longest_s = std::max(shape.longest_s, kSlotSeconds * (last - first + 1));
  };
  for (const auto& [number, slot] : slots) {
    if (shape.bursts > 0 && number - last <= kQuietSlots) {
      packets += slot.packets;
      truesize += slot.truesize_bytes;
      bytes += slot.bytes;
    } else {
      if (shape.bursts > 0) close();
      ++shape.bursts;
      first = number;
      packets = slot.packets;
      truesize = slot.truesize_bytes;
      bytes = slot.bytes;
    }
    last = number;
  }
  close();
}

// The most that was dropped within any kWindowSlots slots in a row.
std::uint64_t busiest_window(const Slots& slots) {
  std::uint64_t most = 0;
  std::uint64_t sum = 0;
  auto oldest = slots.begin();
  for (const auto& [number, slot] : slots) {
    sum += slot.truesize_bytes;
    while (number - oldest->first >= kWindowSlots) {
      sum -= oldest->second.truesize_bytes;
      ++oldest;
    }
    most = std::max(most, sum);
  }
  return most;
}

}  // namespace

BurstShape burst_shape(const model::Evidence& evidence, const Booked& booked) {
  BurstShape shape;
  Slots slots;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t truesize = 0;
  for (const auto index : booked.tallies) {
    const auto& tally = evidence.drops.tallies[index];
    shape.complete = shape.complete && tally.bursts_complete;
    packets += tally.packets;
    bytes += tally.bytes;
    truesize += tally.truesize_bytes;
    for (const auto& slot : tally.bursts) {
      auto& sum = slots[slot.slot];
      sum.packets += slot.packets;
      sum.bytes += slot.bytes;
      sum.truesize_bytes += slot.truesize_bytes;
    }
  }
  if (slots.empty() || packets == 0) return shape;
  shape.measured = true;
  shape.truesize_per_packet = static_cast<double>(truesize) / static_cast<double>(packets);
  shape.bytes_per_packet = static_cast<double>(bytes) / static_cast<double>(packets);
  const auto span = slots.rbegin()->first - slots.begin()->first + 1;
  shape.first_s = kSlotSeconds * slots.begin()->first;
  shape.last_s = kSlotSeconds * (slots.rbegin()->first + 1);
  shape.span_s = kSlotSeconds * span;
  shape.active_share = static_cast<double>(slots.size()) / span;
  measure_bursts(slots, shape);
  shape.window_truesize_bytes = busiest_window(slots);
  return shape;
}

}  // namespace diagnose
