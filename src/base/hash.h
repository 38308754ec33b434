// FNV-1a: a hash that is the same on every host and in every release. It is no cipher.
#pragma once

#include <cstdint>
#include <string_view>

namespace base {

class Fnv1a {
 public:
  // Another seed gives another, unrelated hash of the same text.
  explicit Fnv1a(std::uint64_t seed = 0) : state_(0xcbf29ce484222325 ^ seed) {}

  Fnv1a& add(std::uint8_t byte) {
    state_ = (state_ ^ byte) * 0x100000001b3;
    return *this;
  }
  Fnv1a& add(std::string_view text) {
    for (const char letter : text) add(static_cast<std::uint8_t>(letter));
    return *this;
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

}  // namespace base
