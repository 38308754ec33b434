// whydrop diagnose: measure a window, or read saved evidence, and print the diagnosis.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iterator>
#include <memory>
#include <random>

#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "diagnose/diagnose.h"
#include "formats/evidence_file.h"
#include "formats/redact.h"
#include "host/capabilities.h"
#include "host/own_sysfs.h"
#include "observe/observe.h"
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

std::atomic<bool> stop_asked{false};

// The first Ctrl-C ends the window and the report follows; a second one ends the program.
void on_interrupt(int /*signal*/) {
  stop_asked.store(true);
  signal(SIGINT, SIG_DFL);
}

void show_progress(const observe::Progress& progress) {
  const auto in_seconds = [](std::chrono::nanoseconds span) {
    return static_cast<double>(span.count()) / 1e9;
  };
  fmt::print(stderr, "\rwatching {:4.1f} of {:.0f} s{}", in_seconds(progress.elapsed),
             in_seconds(progress.planned),
             progress.tracing
                 ? fmt::format(", {} packets freed as drops", base::grouped(progress.dropped))
                 : std::string());
  std::fflush(stderr);
}

// Root may read and write files where their modes forbid it, and so may `--from` and `--save` of
// root's. Nobody else: this binary may have rights (setcap) that its user has not.
std::vector<std::string_view> rights_to_files() {
  if (geteuid() != 0) return {};
  return {"CAP_DAC_OVERRIDE", "CAP_FOWNER"};
}

base::Status give_up_rights_to_attach(bool will_save) {
  auto keep = will_save ? rights_to_files() : std::vector<std::string_view>();
  std::ranges::copy(host::kept_after_attaching(), std::back_inserter(keep));
  if (host::maps_need_cap_bpf()) keep.emplace_back("CAP_BPF");
  return host::give_up_capabilities(*base::system_files(), keep);
}

base::Result<model::Evidence> measured(const Options& options) {
  host::mount_missing_sysfs();
  observe::Request request;
  request.duration = TRY(parse_duration(options.time));
  request.netns = options.netns;
  request.interface = options.interface;
  request.tracer = options.tracer;
  request.stop = &stop_asked;
  request.attached = [&] { return give_up_rights_to_attach(!options.save.empty()); };
  request.questions = diagnose::questions;
  const bool watched = isatty(STDERR_FILENO) == 1 && !options.output.quiet;
  if (watched) request.progress = show_progress;
  signal(SIGINT, on_interrupt);
  signal(SIGTERM, on_interrupt);
  auto evidence = observe::observe(request);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  if (watched) fmt::print(stderr, "\r\x1b[K");
  return evidence;
}

base::Result<model::Evidence> evidence_of(const Options& options) {
  if (options.from.empty()) return measured(options);
  TRY(host::give_up_capabilities(*base::system_files(), rights_to_files()));
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

// Saved evidence holds addresses, headers and command names: for its owner's eyes only.
constexpr unsigned kPrivateMode = 0600;

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
