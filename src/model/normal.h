// What was normal for a place: how often packets went there in the baseline that a window is judged
// against.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/comparison.h"

namespace model {

enum class Departure : std::uint8_t {
  kNormal,   // not more than chance, or too small to matter
  kMore,     // more than normal
  kLess,     // less than normal
  kNew,      // the baseline saw the place, and nothing there
  kUnknown,  // the baseline cannot tell: see `why`
};

struct Normal {
  Departure departure = Departure::kUnknown;
  Certainty certainty = Certainty::kNone;
  std::uint64_t packets = 0;  // in the baseline's window
  double per_second = 0;      // likewise
  // The rate now over the rate then, of the packets that passed where both windows know them, else
  // by the second; nothing where there were none then.
  std::optional<double> ratio;
  std::string why;  // of kUnknown
  friend bool operator==(const Normal&, const Normal&) = default;
};

// The window that another was judged against.
struct Baseline {
  std::string name;
  std::int64_t start_wall_ns = 0;
  std::int64_t duration_ns = 0;
  std::optional<std::uint64_t> received;  // packets, of the host as the totals of a diagnosis
  std::optional<std::uint64_t> sent;
  friend bool operator==(const Baseline&, const Baseline&) = default;
};

[[nodiscard]] std::string_view name(Departure departure);

}  // namespace model
