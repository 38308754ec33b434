// whydrop: lists the commands and runs the one that was asked for. `whydrop` alone is
// `whydrop diagnose`.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/output.h"

namespace {

constexpr auto kDefaultCommand = "diagnose";
constexpr auto kHelpHint = "whydrop --help";

bool names_a_command(const std::string& word) {
  return std::ranges::any_of(cli::commands::all_commands(),
                             [&](const auto* command) { return command->name == word; });
}

// `whydrop -t 5` means `whydrop diagnose -t 5`; help and version are the program's own.
std::vector<std::string> with_default_command(std::vector<std::string> arguments) {
  if (arguments.empty()) return {kDefaultCommand};
  const auto& first = arguments.front();
  const bool own = first == "-h" || first == "--help" || first == "-V" || first == "--version";
  if (!own && first.starts_with('-')) arguments.insert(arguments.begin(), kDefaultCommand);
  return arguments;
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  // Help and version are "errors" of CLI11 with status 0; they belong on stdout.
  if (error.get_exit_code() == 0) {
    std::ostringstream text;
    app.exit(error, text, text);
    const auto printed = cli::print(text.str());
    return printed ? cli::kOk : cli::report(std::unexpected(printed.error()));
  }
  // CLI11's own sentence has the words in reverse order.
  std::string extra;
  for (const auto& word : app.remaining(true)) extra += " " + word;
  cli::complain(extra.empty() ? error.what() : "not expected here:" + extra, kHelpHint);
  return cli::kTrouble;
}

int run(std::vector<std::string> arguments) {
  CLI::App app{"finds where a Linux server loses packets, why, and what to change", "whydrop"};
  app.set_version_flag("-V,--version", "whydrop " WHYDROP_VERSION);
  app.require_subcommand(1);
  std::function<int()> chosen;
  for (const auto* command : cli::commands::all_commands()) {
    auto* sub = app.add_subcommand(std::string(command->name), std::string(command->summary));
    auto action = command->set_up(*sub);
    sub->final_callback([&chosen, action = std::move(action)] { chosen = action; });
  }
  arguments = with_default_command(std::move(arguments));
  if (!arguments.front().starts_with('-') && !names_a_command(arguments.front())) {
    cli::complain("there is no command '" + arguments.front() + "'", kHelpHint);
    return cli::kTrouble;
  }
  std::ranges::reverse(arguments);  // as CLI11 wants a vector
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return chosen ? chosen() : cli::kTrouble;
}

// A file that we open must never become the stdout or stderr that a careless caller closed. A write
// to a stdout of this kind fails, and is told. The root directory is there even without a /dev.
int open_nothing() {
  const int nothing = open("/dev/null", O_RDONLY);
  return nothing >= 0 ? nothing : open("/", O_RDONLY);
}

void fill_standard_descriptors() {
  int descriptor = open_nothing();
  while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = open_nothing();
  if (descriptor >= 0) close(descriptor);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  // A reader that goes away shows as EPIPE where we write, not as a death in silence.
  signal(SIGPIPE, SIG_IGN);
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    cli::complain(error.what());
    return cli::kTrouble;
  }
}
