#include "cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"

namespace cli {
namespace {

constexpr int kDefaultColumns = 100;
constexpr int kNarrowest = 60;
constexpr int kWidest = 120;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool terminal_wants_colour() {
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return isatty(STDOUT_FILENO) == 1 && !is_set("NO_COLOR") && !dumb;
}

// 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

int columns() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? std::clamp<int>(size.ws_col, kNarrowest, kWidest) : kDefaultColumns;
}

}  // namespace

void add_format_options(CLI::App& app, OutputOptions& options) {
  app.add_flag("-j,--json", options.json, "print one JSON document");
  app.add_flag("-q,--quiet", options.quiet, "print the verdict only");
  app.add_option("--color", options.colour, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void add_tracer_option(CLI::App& app, std::string& tracer) {
  app.add_option("--tracer", tracer,
                 "how drops are traced; auto takes the first that works, none reads counters only")
      ->check(CLI::IsMember({"auto", "tp_btf", "tracepoint", "drop_monitor", "none"}))
      ->capture_default_str();
}

void add_output_options(CLI::App& app, OutputOptions& options) {
  add_format_options(app, options);
  app.add_flag("-v,--verbose", options.verbose, "print all accounts and echoes too");
}

render::TerminalStyle terminal_style(const OutputOptions& options) {
  render::TerminalStyle style;
  style.colour =
      options.colour == "always" || (options.colour == "auto" && terminal_wants_colour());
  style.columns = columns();
  style.verbosity = options.quiet ? -1 : options.verbose;
  return style;
}

base::Status print(std::string_view text) {
  const int failed = write_all(STDOUT_FILENO, text);
  if (failed == 0 || failed == EPIPE) return {};
  return base::system_failure("write the result to stdout", failed);
}

base::Result<bool> print_piece(std::string_view text) {
  const int failed = write_all(STDOUT_FILENO, text);
  if (failed == EPIPE) return false;
  if (failed == 0) return true;
  return base::system_failure("write the result to stdout", failed);
}

void complain(std::string_view what, std::string_view hint) {
  auto text = fmt::format("whydrop: {}\n", base::printable(what));
  if (!hint.empty()) text += fmt::format("  hint: {}\n", base::printable(hint));
  write_all(STDERR_FILENO, text);
}

int report(const base::Result<int>& outcome) {
  if (outcome) return *outcome;
  complain(outcome.error().what, outcome.error().hint);
  return kTrouble;
}

}  // namespace cli
