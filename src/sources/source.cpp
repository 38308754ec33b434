#include "sources/source.h"

#include <utility>

namespace sources {

std::string netns_labels(const Access& access) {
  return model::counter_id("", {{"netns", access.netns}});
}

std::string recall(Memory* memory, std::string_view key, std::string_view now) {
  if (memory == nullptr) return {};
  auto slot = memory->find(key);
  if (slot == memory->end()) slot = memory->emplace(key, "").first;
  return std::exchange(slot->second, std::string(now));
}

bool is_unchanged(Memory* memory, std::string_view key, std::string_view now) {
  return memory != nullptr && recall(memory, key, now) == now;
}

void tell_blind(Look& look, std::string what, const base::Error& error,
                std::vector<model::Stage> stages) {
  look.blind_spots.push_back({.what = std::move(what),
                              .why = error.what,
                              .enable = error.hint,
                              .stages = std::move(stages)});
}

}  // namespace sources
