// whydrop baseline: windows of normal, kept to be compared with.

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/files.h"
#include "cli/command.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/watch.h"
#include "record/baselines.h"
#include "render/baseline.h"

namespace cli::commands {
namespace {

struct Options {
  std::string name;
  std::string time = "60s";
  std::string tracer = "auto";
  bool replace = false;
  OutputOptions output;
};

base::Result<int> save(const Options& options) {
  // Before the window, not after it.
  TRY(record::kept_baselines().prepare(options.name, options.replace));
  const auto evidence = TRY(watch({.time = options.time,
                                   .netns = {},
                                   .interface = {},
                                   .tracer = options.tracer,
                                   .inventory = true,
                                   .will_write = true,
                                   .quiet = options.output.quiet}));
  TRY(record::kept_baselines().save(options.name, evidence, options.replace));
  const render::BaselinePage page{.name = options.name, .evidence = evidence};
  auto style = terminal_style(options.output);
  style.verbosity = -1;  // `show` tells all
  TRY(print(options.output.json ? render::json(page) : render::terminal(page, style)));
  return kOk;
}

base::Result<int> list(const Options& options) {
  TRY(keep_rights_to_files_only());
  std::vector<render::BaselineEntry> entries;
  for (const auto& name : TRY(record::kept_baselines().names())) {
    entries.push_back(
        {name, record::kept_baselines().path_of(name), record::kept_baselines().load(name)});
  }
  TRY(print(options.output.json ? render::json(entries)
                                : render::terminal(entries, terminal_style(options.output))));
  return kOk;
}

base::Result<int> show(const Options& options) {
  TRY(keep_rights_to_files_only());
  const auto evidence = TRY(record::kept_baselines().load(options.name));
  const render::BaselinePage page{.name = options.name, .evidence = evidence};
  TRY(print(options.output.json ? render::json(page)
                                : render::terminal(page, terminal_style(options.output))));
  return kOk;
}

base::Result<int> remove(const Options& options) {
  TRY(keep_rights_to_files_only());
  TRY(record::kept_baselines().remove(options.name));
  return kOk;
}

std::function<int()> set_up(CLI::App& app) {
  auto chosen = std::make_shared<std::function<int()>>();
  auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* summary,
                       base::Result<int> (*action)(const Options&)) {
    auto* command = app.add_subcommand(name, summary);
    command->callback([chosen, options, action] {
      *chosen = [options, action] { return report(action(*options)); };
    });
    return command;
  };
  auto* saving = add("save", "watch a window of normal and keep it under NAME", save);
  saving->add_option("NAME", options->name, "letters, digits and ._-")->required();
  saving->add_option("-t,--time", options->time, "how long to watch (60s, 10m)");
  saving->add_flag("--replace", options->replace, "although there is one of this name");
  add_tracer_option(*saving, options->tracer);
  add_format_options(*saving, options->output);

  add_format_options(*add("list", "the baselines that there are", list), options->output);

  auto* showing = add("show", "what was normal then: rates, drops, traffic, settings (-v)", show);
  showing->add_option("NAME", options->name, "one of `whydrop baseline list`")->required();
  add_output_options(*showing, options->output);

  auto* removing = add("rm", "remove one", remove);
  removing->add_option("NAME", options->name, "one of `whydrop baseline list`")->required();
  return [chosen] { return *chosen ? (*chosen)() : static_cast<int>(kTrouble); };
}

}  // namespace

extern const Command baseline;
const Command baseline = {
    .name = "baseline", .summary = "keep a window of normal, to compare with", .set_up = set_up};

}  // namespace cli::commands
