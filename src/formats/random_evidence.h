// Evidence with every field filled at random, for the tests of this room.
//
// It walks evidence_fields.h as the writer and the reader do, so a new field is generated as soon
// as it is described; that every member of a type is described is checked by members_of().
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "formats/evidence_fields.h"

namespace formats {

class RandomEvidence {
 public:
  explicit RandomEvidence(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] model::Evidence make() {
    model::Evidence evidence;
    fill(evidence);
    make_sound(evidence.timeline);
    for (auto& sample : evidence.drops.samples) {
      sample.tally = static_cast<std::uint32_t>(below(evidence.drops.tallies.size()));
    }
    if (evidence.drops.tallies.empty()) evidence.drops.samples.clear();
    return evidence;
  }

  // Called by fields() and elements().
  void operator()(const char* /*name*/, auto& member) { fill(member); }
  void exact(const char* /*name*/, auto& member) { fill(member); }
  void rare(const char* /*name*/, bool& member) { fill(member); }

 private:
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }

  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = below(2) == 1;
    } else if constexpr (std::is_integral_v<T>) {
      const std::array<T, 4> edges = {0, 1, std::numeric_limits<T>::min(),
                                      std::numeric_limits<T>::max()};
      value = below(3) == 0 ? edges[below(edges.size())] : static_cast<T>(random_());
    } else if constexpr (std::is_same_v<T, double>) {
      value = static_cast<double>(random_()) / 1e7 - 1e9;
    } else if constexpr (std::is_same_v<T, model::Stage>) {
      value = static_cast<model::Stage>(below(model::kStageCount));
    } else if constexpr (HasElements<T>) {
      elements(*this, value);
    } else {
      fields(*this, value);
    }
  }

  // Any byte, and now and then well-formed UTF-8, the code points of our own escape included.
  void fill(std::string& value) {
    constexpr std::array<const char*, 5> kSequences = {"\xc3\xa9", "\xe2\x9c\x93", "\xef\x9e\x80",
                                                       "\xef\x9f\xbf", "\xf0\x9f\x90\xa7"};
    value.clear();
    for (auto left = below(12); left > 0; --left) {
      if (below(4) == 0) {
        value += kSequences[below(kSequences.size())];
      } else {
        value += static_cast<char>(random_());
      }
    }
  }

  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (below(2) == 1) fill(value.emplace());
  }

  template <class T>
  void fill(base::Boxed<T>& value) {
    value.reset();
    if (below(2) == 1) fill(value.emplace());
  }

  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(below(4));
    for (auto& value : values) fill(value);
  }

  template <class T, class Less>
  void fill(std::map<std::string, T, Less>& values) {
    values.clear();
    for (auto left = below(5); left > 0; --left) {
      std::string key;
      fill(key);
      fill(values[key]);
    }
  }

  // Restores the invariants of the timeline.
  void make_sound(model::Timeline& timeline) {
    timeline.at_ns.assign(1 + below(20), 0);
    for (size_t at = 1; at < timeline.at_ns.size(); ++at) {
      timeline.at_ns[at] = timeline.at_ns[at - 1] + 1 + static_cast<std::int64_t>(below(1U << 30));
    }
    for (auto* all : {&timeline.counters, &timeline.gauges}) {
      for (auto& [id, series] : *all) make_sound(series, timeline.at_ns.size());
    }
  }

  void make_sound(model::Series& series, size_t points) {
    const bool born = series.born;
    series = {};
    series.born = born;
    for (std::uint32_t point = 0; point < points; ++point) {
      if (below(3) == 0) series.add(point, random_());
    }
  }

  std::mt19937_64 random_;
};

// How many members an aggregate has: the most initialisers that it takes.
struct AnyMember {
  template <class T>
  operator T() const;  // NOLINT: implicit on purpose
};

template <class T, size_t... at>
constexpr bool takes(std::index_sequence<at...> /*count*/) {
  return requires { T{(static_cast<void>(at), AnyMember{})...}; };
}

template <class T, size_t count = 64>
constexpr size_t members_of() {
  if constexpr (takes<T>(std::make_index_sequence<count>())) {
    return count;
  } else {
    return members_of<T, count - 1>();
  }
}

// How many of them are described.
struct CountingArchive {
  size_t described = 0;
  void operator()(const char* /*name*/, auto& /*member*/) { ++described; }
  void exact(const char* /*name*/, auto& /*member*/) { ++described; }
  void rare(const char* /*name*/, auto& /*member*/) { ++described; }
};

}  // namespace formats
