// For tests: captured kernel output (tests/captures/KERNEL/FILE) and random damage to it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sources::testing_support {

[[nodiscard]] inline std::string capture(const std::string& kernel, const std::string& file) {
  std::ifstream stream(std::string(WHYDROP_CAPTURES) + "/" + kernel + "/" + file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// The kernels of which there is a capture of `file`, sorted.
[[nodiscard]] inline std::vector<std::string> kernels_with(const std::string& file) {
  std::vector<std::string> kernels;
  for (const auto& folder : std::filesystem::directory_iterator(WHYDROP_CAPTURES)) {
    if (std::filesystem::exists(folder.path() / file)) {
      kernels.push_back(folder.path().filename().string());
    }
  }
  std::ranges::sort(kernels);
  return kernels;
}

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Calls `check` with damaged copies of `sound`: bytes changed, pieces cut out or doubled, the end
// missing. The same seed makes the same damage.
template <class Check>
void with_damage(const std::string& sound, int rounds, Check check) {
  std::mt19937 random(20261123);
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  constexpr std::string_view kInteresting = "\n\0 :-09afZ\xff\t";
  for (int round = 0; round < rounds; ++round) {
    std::string damaged = sound;
    for (auto hits = 1 + below(6); hits > 0 && !damaged.empty(); --hits) {
      const std::size_t at = below(damaged.size());
      switch (below(5)) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged[at] = kInteresting[below(kInteresting.size())];
          break;
        case 2:
          damaged.erase(at, below(40));
          break;
        case 3:
          damaged.insert(at, damaged.substr(below(damaged.size()), below(40)));
          break;
        default:
          damaged.resize(at);
          break;
      }
    }
    check(damaged);
  }
}

}  // namespace sources::testing_support
