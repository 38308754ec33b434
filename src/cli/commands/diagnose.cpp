// whydrop diagnose: measure a window, or read saved evidence, and print the diagnosis.

#include <memory>
#include <optional>
#include <random>
#include <set>

#include "base/files.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/watch.h"
#include "comparison/against.h"
#include "comparison/since.h"
#include "diagnose/diagnose.h"
#include "formats/evidence_file.h"
#include "formats/redact.h"
#include "host/owners.h"
#include "offline/report.h"
#include "record/baselines.h"
#include "render/render.h"

namespace cli::commands {
namespace {

struct Options {
  std::string time = "10s";
  std::string save;
  std::string from;
  std::string against;
  std::string since_baseline;
  std::string sosreport;
  std::string interface;
  std::vector<std::string> netns;
  std::string tracer = "auto";
  OutputOptions output;
  bool exit_zero = false;
  bool redact = false;
};

base::Result<model::Evidence> evidence_of(const Options& options) {
  if (!options.sosreport.empty()) {
    TRY(keep_rights_to_files_only());
    return offline::read_report(options.sosreport);
  }
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

// Of the sockets that dropped since the baseline. Who cannot be found stays without a name.
void name_owners(std::vector<model::Socket>& sockets) {
  const auto dropped = [](const model::Socket& socket) {
    return !socket.owner && socket.drops > socket.drops_at_start.value_or(0);
  };
  std::set<std::uint64_t> wanted;
  for (const auto& socket : sockets) {
    if (dropped(socket)) wanted.insert(socket.inode);
  }
  const auto owners = host::find_owners(*base::system_files(), wanted);
  for (auto& socket : sockets) {
    const auto owner = owners.find(socket.inode);
    if (dropped(socket) && owner != owners.end()) socket.owner = owner->second;
  }
}

// From the end of the baseline until now: nobody watched in between, so one look is enough.
base::Result<model::Evidence> evidence_since(const Options& options) {
  const auto baseline = TRY(record::kept_baselines().load(options.since_baseline));
  auto now = TRY(watch({.time = "1ms",
                        .netns = options.netns,
                        .interface = options.interface,
                        .tracer = "none",
                        .inventory = true,
                        .will_write = !options.save.empty(),
                        .quiet = true}));
  auto evidence = TRY(comparison::since(baseline, options.since_baseline, std::move(now)));
  name_owners(evidence.sockets);
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
  // Before the window, not after it.
  std::optional<model::Evidence> normal;
  if (!options.against.empty()) normal = TRY(record::kept_baselines().load(options.against));
  auto evidence =
      TRY(options.since_baseline.empty() ? evidence_of(options) : evidence_since(options));
  // A key of its own for each run: pseudonyms of two reports cannot be joined.
  const auto key = std::random_device{}();
  if (options.redact) {
    evidence = formats::redacted(std::move(evidence), key);
    if (normal) normal = formats::redacted(std::move(*normal), key);
  }
  if (!options.save.empty()) {
    TRY(base::write_file_atomically(options.save, formats::write_evidence(evidence), kPrivateMode));
  }
  auto diagnosis = diagnose::diagnose(evidence);
  if (normal) comparison::judge_against(*normal, options.against, evidence, diagnosis);
  TRY(print(options.output.json ? render::json(diagnosis)
                                : render::terminal(diagnosis, terminal_style(options.output))));
  return status_of(diagnosis, options.exit_zero);
}

std::function<int()> set_up(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* time = app.add_option("-t,--time", options->time, "how long to watch (10s, 500ms, 2m)");
  app.add_option("--save", options->save, "write the evidence to FILE (mode 0600)");
  auto* from = app.add_option("--from", options->from, "diagnose saved evidence, no root needed");
  app.add_option("--against", options->against,
                 "say of each loss how much of it is normal: a baseline");
  auto* since = app.add_option("--since-baseline", options->since_baseline,
                               "diagnose what happened since a baseline was saved");
  auto* sosreport = app.add_option("--sosreport", options->sosreport,
                                   "diagnose a folder or tar archive that `sos report` or "
                                   "script/collect.sh made, no root needed");
  auto* interface =
      app.add_option("-i,--interface", options->interface, "only what happens at this device");
  auto* netns =
      app.add_option(
             "-n,--netns", options->netns,
             "only what happens at or hits this namespace: NAME, PID or inode:N (repeatable)")
          ->allow_extra_args(false);
  app.add_flag("--redact", options->redact,
               "replace addresses and names by pseudonyms, in the report and in --save");
  app.add_flag("--exit-zero", options->exit_zero, "exit 0 although something was found");
  add_tracer_option(app, options->tracer);
  add_output_options(app, options->output);
  from->excludes(time);
  since->excludes(time);
  since->excludes(from);
  for (auto* other : {time, from, since, interface, netns}) sosreport->excludes(other);
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
