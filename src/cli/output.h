// How commands print: the result to stdout and nothing else, troubles to stderr, one place for
// both.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "render/render.h"

namespace cli {

struct OutputOptions {
  bool json = false;
  bool quiet = false;
  int verbose = 0;
  std::string colour = "auto";
};

// -j/--json, -q, --color: the same letters in every command.
void add_format_options(CLI::App& app, OutputOptions& options);
// The same and -v.
void add_output_options(CLI::App& app, OutputOptions& options);

// --tracer: how drops are traced, as observe::Request takes it.
void add_tracer_option(CLI::App& app, std::string& tracer);

// Colour only where it was asked for or stdout is a terminal that wants it (NO_COLOR, TERM=dumb);
// width of the terminal, else 100 columns.
[[nodiscard]] render::TerminalStyle terminal_style(const OutputOptions& options);

// Writes the result to stdout. A reader that closed the pipe (`| head`) is no error; a full disk
// is.
[[nodiscard]] base::Status print(std::string_view text);
// A piece of a result that goes on: false where the reader is gone and there is no more to say.
[[nodiscard]] base::Result<bool> print_piece(std::string_view text);

// Writes one trouble to stderr: what, and a hint where there is one. Without a stderr that takes it
// there is nobody to tell.
void complain(std::string_view what, std::string_view hint = {});

// The exit status of a command: its own, or 2 after one line about the error on stderr.
[[nodiscard]] int report(const base::Result<int>& outcome);

}  // namespace cli
