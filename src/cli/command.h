// A command of whydrop: one file in cli/commands/ each, listed by the build.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string_view>

namespace cli {

// Exit status, as in the contract.
enum Exit : int { kOk = 0, kFound = 1, kTrouble = 2, kCouldNotMeasure = 3, kCannotMakeFault = 77 };

struct Command {
  std::string_view name;
  std::string_view summary;
  // Adds its options to `app` and returns what runs when it was chosen; the result is the exit
  // status.
  std::function<int()> (*set_up)(CLI::App& app) = nullptr;
};

namespace commands {
[[nodiscard]] std::span<const Command* const> all_commands();
}

}  // namespace cli
