#include "cli/duration.h"

#include <charconv>
#include <cmath>

namespace cli {
namespace {

constexpr double kLongestSeconds = 24 * 3600;

// Seconds of one unit; 0 for an unknown one.
double seconds_of(std::string_view unit) {
  if (unit == "ms") return 1e-3;
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  return 0;
}

}  // namespace

base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  const double unit = seconds_of({end, static_cast<size_t>(text.data() + text.size() - end)});
  const double seconds = number * unit;
  if (failed != std::errc{} || unit == 0 || !(seconds > 0) || seconds > kLongestSeconds) {
    return base::failure("'" + std::string(text) + "' is not a span of time",
                         "write 10s, 500ms or 2m, up to 24h");
  }
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

}  // namespace cli
