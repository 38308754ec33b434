#include "probes/drops/stacks.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace probes::drops {
namespace {

std::string frame_text(std::uint64_t address, const Names& names) {
  if (names.symbols == nullptr) return fmt::format("{:#x}", address);
  return host::location_text(names.symbols->at(address));
}

std::vector<std::string> frames_of(const wire::DropStackKey& key, int traces, const Names& names) {
  std::array<std::uint64_t, wire::kDropFrames> frames{};
  if (bpf_map_lookup_elem(traces, &key.stack, frames.data()) != 0) return {};
  const auto* from = std::ranges::find(frames, key.place.location);
  if (from == frames.end()) from = frames.begin();
  std::vector<std::string> words;
  for (; from != frames.end() && *from != 0; ++from) words.push_back(frame_text(*from, names));
  return words;
}

}  // namespace

std::vector<CountedStack> read_stacks(const StackMaps& maps, const Names& names) {
  using Key = std::tuple<model::Inode, std::uint32_t, std::string, std::vector<std::string>>;
  std::map<Key, CountedStack> stacks;
  std::vector<wire::DropStackCount> of_cpu(static_cast<std::size_t>(maps.cpus));
  wire::DropStackKey key{};
  const void* previous = nullptr;
  while (bpf_map_get_next_key(maps.counts, previous, &key) == 0) {
    previous = &key;
    if (bpf_map_lookup_elem(maps.counts, &key, of_cpu.data()) != 0) continue;
    auto place = named(key.place, names);
    auto frames = frames_of(key, maps.traces, names);
    auto& stack = stacks[{place.netns, place.ifindex, place.reason, frames}];
    stack.place = std::move(place);
    stack.frames = std::move(frames);
    for (const auto& count : of_cpu) {
      stack.packets += count.packets;
      stack.variance += count.open;
    }
  }
  std::vector<CountedStack> rows;
  for (auto& [id, stack] : stacks) rows.push_back(std::move(stack));
  return rows;
}

}  // namespace probes::drops
