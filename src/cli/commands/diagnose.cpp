// whydrop diagnose: measure a window, or read saved evidence, and print the diagnosis.

#include <memory>
#include <random>

#include "base/files.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/watch.h"
#include "diagnose/diagnose.h"
#include "formats/evidence_file.h"
#include "formats/redact.h"
#include "render/render.h"

namespace cli::commands {
namespace {

struct Options {
  std::string time = "10s";
  std::string save;
  std::string from;
  std::string interface;
  std::vector<std::string> netns;
  std::string tracer = "auto";
  OutputOptions output;
  bool exit_zero = false;
  bool redact = false;
};

base::Result<model::Evidence> evidence_of(const Options& options) {
  if (options.from.empty()) {
    return watch({.time = options.time,
                  .netns = options.netns,
                  .interface = options.interface,
                  .tracer = options.tracer,
                  .will_write = !options.save.empty(),
                  .quiet = options.output.quiet});
  }
  TRY(keep_rights_to_files_only());
  const auto text = TRY(base::system_files()->read(options.from));
  auto evidence = formats::read_evidence(text);
  if (!evidence) return base::failure(options.from + ": " + evidence.error().what);
  return evidence;
}

int status_of(const model::Diagnosis& diagnosis, bool exit_zero) {
  if (diagnosis.verdict == model::Verdict::kInconclusive) return kCouldNotMeasure;
  for (const auto& finding : diagnosis.findings) {
    if (finding.severity != model::Severity::kNotice) return exit_zero ? kOk : kFound;
  }
  return kOk;
}

base::Result<int> run(const Options& options) {
  auto evidence = TRY(evidence_of(options));
  // A key of its own for each run: pseudonyms of two reports cannot be joined.
  if (options.redact) evidence = formats::redacted(std::move(evidence), std::random_device{}());
  if (!options.save.empty()) {
    TRY(base::write_file_atomically(options.save, formats::write_evidence(evidence), kPrivateMode));
  }
  const auto diagnosis = diagnose::diagnose(evidence);
  TRY(print(options.output.json ? render::json(diagnosis)
                                : render::terminal(diagnosis, terminal_style(options.output))));
  return status_of(diagnosis, options.exit_zero);
}

std::function<int()> set_up(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* time = app.add_option("-t,--time", options->time, "how long to watch (10s, 500ms, 2m)");
  app.add_option("--save", options->save, "write the evidence to FILE (mode 0600)");
  auto* from = app.add_option("--from", options->from, "diagnose saved evidence, no root needed");
  app.add_option("-i,--interface", options->interface, "only what happens at this device");
  app.add_option("-n,--netns", options->netns,
                 "only what happens at or hits this namespace: NAME, PID or inode:N (repeatable)")
      ->allow_extra_args(false);
  app.add_flag("--redact", options->redact,
               "replace addresses and names by pseudonyms, in the report and in --save");
  app.add_flag("--exit-zero", options->exit_zero, "exit 0 although something was found");
  add_tracer_option(app, options->tracer);
  add_output_options(app, options->output);
  from->excludes(time);
  return [options] { return report(run(*options)); };
}

}  // namespace

extern const Command diagnose;
const Command diagnose = {.name = "diagnose",
                          .summary =
                              "watch the host and say where packets are lost, why, and what "
                              "to change",
                          .set_up = set_up};

}  // namespace cli::commands
