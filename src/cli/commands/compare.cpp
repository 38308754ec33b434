// whydrop compare: two windows side by side.

#include <memory>

#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/watch.h"
#include "comparison/compare.h"
#include "formats/evidence_file.h"
#include "offline/report.h"
#include "record/baselines.h"
#include "render/comparison.h"

namespace cli::commands {
namespace {

struct Options {
  std::string a;
  std::string b;
  bool force = false;
  bool exit_zero = false;
  OutputOptions output;
};

// A baseline of this name, else a report or a file of evidence.
base::Result<model::Evidence> window_called(const std::string& name) {
  const auto baselines = record::kept_baselines();
  const bool may_be_baseline = record::is_baseline_name(name);
  if (may_be_baseline && baselines.has(name)) return baselines.load(name);
  if (offline::is_report(name)) return offline::read_report(name);
  const auto text = base::system_files()->read(name);
  if (!text && may_be_baseline) {
    return base::failure(fmt::format("'{}' is no baseline, and no file", name),
                         "`whydrop baseline list` shows the baselines that there are");
  }
  auto evidence = formats::read_evidence(TRY(text));
  if (!evidence) return base::failure(name + ": " + evidence.error().what);
  return evidence;
}

bool has_changed(const model::Comparison& comparison) {
  const auto moved = [](const model::CounterChange& change) {
    return change.movement == model::Movement::kMore || change.movement == model::Movement::kLess;
  };
  return !comparison.settings.empty() || std::ranges::any_of(comparison.counters, moved);
}

base::Result<int> run(const Options& options) {
  TRY(keep_rights_to_files_only());
  const auto a = TRY(window_called(options.a));
  auto b = TRY(window_called(options.b));
  // What happened between two reports says more than what both hold.
  if (offline::are_of_one_boot(a, b)) b = offline::between(a, std::move(b));
  const auto comparison = comparison::compare({options.a, a}, {options.b, b});
  if (!comparison.obstacles.empty() && !options.force) {
    for (const auto& obstacle : comparison.obstacles) {
      complain("cannot compare: " + base::printable(obstacle), "--force compares all the same");
    }
    return kCouldNotMeasure;
  }
  TRY(print(options.output.json ? render::json(comparison)
                                : render::terminal(comparison, terminal_style(options.output))));
  return has_changed(comparison) && !options.exit_zero ? kFound : kOk;
}

std::function<int()> set_up(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("A", options->a, "the normal window: a baseline, a file of evidence or a report")
      ->required();
  app.add_option("B", options->b, "the other: a baseline, a file of evidence or a report")
      ->required();
  app.add_flag("--force", options->force, "although they are of two hosts, or of two kinds");
  app.add_flag("--exit-zero", options->exit_zero, "exit 0 although something changed");
  add_output_options(app, options->output);
  return [options] { return report(run(*options)); };
}

}  // namespace

extern const Command compare;
const Command compare = {.name = "compare",
                         .summary = "two windows side by side: what changed by more than chance",
                         .set_up = set_up};

}  // namespace cli::commands
