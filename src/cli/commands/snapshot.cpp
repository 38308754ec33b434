// whydrop snapshot: every counter, gauge and setting, now.

#include <memory>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/snapshot_rows.h"
#include "host/own_sysfs.h"
#include "observe/snapshot.h"
#include "render/snapshot.h"

namespace cli::commands {
namespace {

struct Options {
  std::vector<std::string> names;
  std::vector<std::string> netns;
  std::string stage;
  bool all = false;
  bool commands = false;
  bool sockets = false;
  OutputOptions output;
};

base::Result<SnapshotFilter> filter_of(const Options& options) {
  SnapshotFilter filter{.names = options.names,
                        .stage = {},
                        .with_zeros = options.all,
                        .with_commands = options.commands};
  if (options.stage.empty()) return filter;
  filter.stage = model::stage_named(options.stage);
  if (!filter.stage) {
    return base::failure(fmt::format("there is no stage '{}'", options.stage),
                         "`whydrop diagnose` shows their names: wire, ring, irq, napi, …");
  }
  return filter;
}

base::Result<int> run(const Options& options) {
  const auto filter = TRY(filter_of(options));
  host::mount_missing_sysfs();
  const auto evidence = TRY(observe::take_snapshot({options.netns, options.sockets}));
  const render::SnapshotPage page{.evidence = evidence,
                                  .rows = snapshot_rows(evidence, filter),
                                  .read = evidence.timeline.counters.size() +
                                          evidence.timeline.gauges.size() +
                                          evidence.settings.size(),
                                  .with_sockets = options.sockets,
                                  .sockets = shown_sockets(evidence, options.all)};
  TRY(print(options.output.json ? render::json(page)
                                : render::terminal(page, terminal_style(options.output))));
  return kOk;
}

std::function<int()> set_up(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->names,
                 "only counters of these names: globs ('link.rx_*') or parts of names");
  app.add_option("-n,--netns", options->netns,
                 "only this namespace, and what is of the whole host: NAME, PID or inode:N "
                 "(repeatable)")
      ->allow_extra_args(false);
  app.add_option("--stage", options->stage, "only what is known to belong to this stage");
  app.add_flag("-a,--all", options->all, "also what is 0");
  app.add_flag("--sockets", options->sockets,
               "also each socket that drops, sends again or holds something, with its owner");
  app.add_flag("--show-commands", options->commands,
               "with the command that shows the same number by hand");
  add_format_options(app, options->output);
  return [options] { return report(run(*options)); };
}

}  // namespace

extern const Command snapshot;
const Command snapshot = {
    .name = "snapshot", .summary = "show every counter, gauge and setting, now", .set_up = set_up};

}  // namespace cli::commands
