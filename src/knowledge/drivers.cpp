#include "knowledge/drivers.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "knowledge/spelling.h"

namespace knowledge {
namespace {

using enum model::Stage;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Each '*' of `pattern` takes one number.
bool matches(std::string_view pattern, std::string_view name) {
  while (!pattern.empty()) {
    if (pattern.front() == '*') {
      const auto end = std::ranges::find_if_not(name, is_digit);
      if (end == name.begin()) return false;
      name.remove_prefix(static_cast<std::size_t>(end - name.begin()));
    } else {
      if (name.empty() || name.front() != pattern.front()) return false;
      name.remove_prefix(1);
    }
    pattern.remove_prefix(1);
  }
  return name.empty();
}

// Parts of names that mean lost packets in the drivers that were read, and parts that never do.
constexpr auto kOfLoss = std::to_array<std::string_view>(
    {"drop", "discard", "nobuf", "no_buf", "no_dma", "out_of_buf", "oob", "missed", "overrun",
     "overflow", "fifo", "empty_rx_ring", "no_wqe", "exceeded"});
constexpr auto kNeverLoss = std::to_array<std::string_view>(
    {"bytes", "xdp_drop", "good", "passed", "hist", "irq", "smbus"});

constexpr std::string_view kGuess =
    "whydrop knows nothing of this driver: by its name this statistic counts lost packets.";
constexpr std::string_view kCheckGuess = "ethtool -S DEV; the driver's source says what it counts.";

constexpr Counter kReceiveGuess = {.name = "*",
                                   .role = Role::kIncludes,
                                   .stage = kRing,
                                   .unit = "events",
                                   .meaning = kGuess,
                                   .check = kCheckGuess};
constexpr Counter kSendGuess = {.name = "tx*",
                                .role = Role::kIncludes,
                                .stage = kTxRing,
                                .unit = "events",
                                .meaning = kGuess,
                                .check = kCheckGuess};

const Counter* guess(std::string_view statistic) {
  const std::string name = lower(statistic);
  const auto is_part = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (!std::ranges::any_of(kOfLoss, is_part) || std::ranges::any_of(kNeverLoss, is_part)) {
    return nullptr;
  }
  return name.starts_with("tx") ? &kSendGuess : &kReceiveGuess;
}

}  // namespace

const Driver* find_driver(std::string_view name) {
  const auto drivers = all_drivers();
  const auto found = std::ranges::find(drivers, name, &Driver::name);
  return found == drivers.end() ? nullptr : *found;
}

Statistic find_statistic(std::string_view driver, std::string_view statistic) {
  const auto* table = find_driver(driver);
  if (table == nullptr) {
    const auto* guessed = guess(statistic);
    return {.row = guessed, .is_guess = guessed != nullptr};
  }
  const auto row = std::ranges::find_if(table->statistics, [&](const Counter& candidate) {
    return matches(candidate.name, statistic);
  });
  return {.row = row == table->statistics.end() ? nullptr : &*row};
}

}  // namespace knowledge
