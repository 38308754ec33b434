// whydrop lab: make a real, contained fault, diagnose it, apply the remedy and measure again.

#include <fnmatch.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/files.h"
#include "cli/command.h"
#include "cli/lab_attach.h"
#include "cli/lab_traffic.h"
#include "cli/output.h"
#include "host/capabilities.h"
#include "host/own_sysfs.h"
#include "lab/accuracy.h"
#include "lab/report.h"
#include "lab/run.h"
#include "lab/scenario.h"

namespace cli::commands {
namespace {

struct Options {
  std::string name;
  bool cure = false;
  bool twin = false;
  bool allow_shared = false;
  std::string accuracy;              // file for the page of `lab all`; "" = none
  std::vector<std::string> filters;  // patterns of names; none = all
  std::string order = "name";
  std::uint32_t seed = 0;
  std::string tracer = "auto";
  OutputOptions output;
};

std::atomic<bool> stop_asked{false};

void on_interrupt(int /*signal*/) {
  stop_asked.store(true);
}

bool wants_progress(const Options& options) {
  return isatty(STDERR_FILENO) == 1 && !options.output.quiet;
}

lab::Outcome run_one(const lab::Scenario& scenario, const Options& options) {
  lab::RunOptions how{.cure = options.cure,
                      .allow_shared = options.allow_shared,
                      .tracer = options.tracer,
                      .stop = &stop_asked};
  if (wants_progress(options)) {
    how.progress = [&](std::string_view doing) {
      fmt::print(stderr, "\r\x1b[K{}: {}", scenario.name, doing);
    };
  }
  auto outcome = lab::run(scenario, how);
  if (wants_progress(options)) fmt::print(stderr, "\r\x1b[K");
  return outcome;
}

int status_of(const lab::Outcome& outcome) {
  switch (outcome.status) {
    case lab::Status::kPassed:
      return kOk;
    case lab::Status::kSkipped:
      return kCannotMakeFault;
    case lab::Status::kUnmeasured:
      return kCouldNotMeasure;
    case lab::Status::kFailed:
      // Without a measurement nothing was held against anything: a trouble of its own.
      return outcome.fault ? kFound : kTrouble;
  }
  return kTrouble;
}

base::Result<int> list() {
  for (const auto& scenario : TRY(lab::all_scenarios())) {
    TRY(print(fmt::format("{:<42} {:<11} {}\n", scenario.name, scenario.touches, scenario.title)));
  }
  return kOk;
}

base::Result<int> run_named(const Options& options) {
  const auto scenarios = TRY(lab::all_scenarios());
  const auto name = options.name + (options.twin ? "+twin" : "");
  const auto found = std::ranges::find(scenarios, name, &lab::Scenario::name);
  if (found == scenarios.end()) {
    return base::failure(fmt::format("there is no scenario '{}'", name), "whydrop lab list");
  }
  const auto outcome = run_one(*found, options);
  const auto style = terminal_style(options.output);
  if (options.output.json) {
    TRY(print(lab::json({outcome}, WHYDROP_VERSION)));
  } else {
    TRY(print(options.output.quiet ? lab::one_line(outcome, style) : lab::report(outcome, style)));
  }
  return status_of(outcome);
}

base::Result<std::vector<lab::Scenario>> selected(const Options& options) {
  auto scenarios = TRY(lab::all_scenarios());
  if (!options.filters.empty()) {
    std::erase_if(scenarios, [&](const auto& scenario) {
      return std::ranges::none_of(options.filters, [&](const auto& pattern) {
        return fnmatch(pattern.c_str(), scenario.name.c_str(), 0) == 0;
      });
    });
  }
  if (scenarios.empty()) {
    return base::failure(
        fmt::format("no scenario is called '{}'", fmt::join(options.filters, "' or '")),
        "whydrop lab list");
  }
  const auto is_shared = [](const auto& scenario) { return scenario.touches == "host-wide"; };
  const auto left_out = options.allow_shared ? 0 : std::erase_if(scenarios, is_shared);
  if (left_out > 0) {
    fmt::print(stderr, "left out: {} that fill{} what all of this host shares (--allow-shared)\n",
               left_out, left_out == 1 ? "s" : "");
  }
  if (options.order == "random") {
    std::ranges::shuffle(scenarios, std::mt19937(options.seed));
  }
  return scenarios;
}

base::Status write_accuracy(const std::vector<lab::Outcome>& outcomes, const Options& options) {
  const auto measured = std::ranges::find_if(
      outcomes, [](const lab::Outcome& outcome) { return outcome.fault.has_value(); });
  if (measured == outcomes.end()) return base::failure("no scenario was measured");
  const auto& host = measured->fault->diagnosis.host;
  std::string command = "whydrop lab all";
  if (options.allow_shared) command += " --allow-shared";
  if (options.order == "random") command += fmt::format(" --order random --seed {}", options.seed);
  const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::chrono::year_month_day today(now);
  const auto page = lab::accuracy_page(
      outcomes, {.version = WHYDROP_VERSION,
                 .kernel = host.kernel,
                 .host = fmt::format("{} CPUs, {}", host.cpus, host.virt),
                 .date = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(today.year()),
                                     static_cast<unsigned>(today.month()),
                                     static_cast<unsigned>(today.day())),
                 .command = command + " --accuracy docs/accuracy.md"});
  return base::write_file_atomically(options.accuracy, page, 0644);
}

base::Result<int> run_all(const Options& options) {
  const auto style = terminal_style(options.output);
  std::vector<lab::Outcome> outcomes;
  if (options.order == "random") fmt::print(stderr, "seed {}\n", options.seed);
  if (!options.output.json) TRY(print(lab::table_head()));
  for (const auto& scenario : TRY(selected(options))) {
    if (stop_asked.load()) break;
    outcomes.push_back(run_one(scenario, options));
    if (!options.output.json) TRY(print(lab::table_line(outcomes.back(), style)));
  }
  if (!options.accuracy.empty()) TRY(write_accuracy(outcomes, options));
  TRY(print(options.output.json ? lab::json(outcomes, WHYDROP_VERSION)
                                : lab::closing_line(outcomes)));
  if (stop_asked.load()) return kTrouble;
  const auto is = [](lab::Status status) {
    return [status](const lab::Outcome& outcome) { return outcome.status == status; };
  };
  if (std::ranges::all_of(outcomes, is(lab::Status::kSkipped))) return kCannotMakeFault;
  if (std::ranges::any_of(outcomes, is(lab::Status::kFailed))) return kFound;
  return std::ranges::any_of(outcomes, is(lab::Status::kUnmeasured)) ? kCouldNotMeasure : kOk;
}

// What runs scenarios takes the signals, so that Ctrl-C leaves nothing behind.
int with_signals(const Options& options, base::Result<int> (*action)(const Options&)) {
  signal(SIGINT, on_interrupt);
  signal(SIGTERM, on_interrupt);
  host::mount_missing_sysfs();
  return report(action(options));
}

// Faults are root's to make. Rights that this binary has from its file (setcap) are for looking.
int run_without_lent_rights(const std::function<int()>& action) {
  if (geteuid() != 0) {
    const auto given_up = host::give_up_capabilities(*base::system_files(), {});
    if (!given_up) return report(std::unexpected(given_up.error()));
  }
  return action();
}

void add_allow_shared(CLI::App& app, Options& options) {
  app.add_flag("--allow-shared", options.allow_shared,
               "also faults that fill what all of this host shares");
}

std::function<int()> set_up(CLI::App& app) {
  auto chosen = std::make_shared<std::function<int()>>();
  auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  app.add_subcommand("list", "the scenarios, what they touch, what they ask")->callback([chosen] {
    *chosen = [] { return report(list()); };
  });

  auto* run = app.add_subcommand("run", "make one fault and diagnose it");
  run->add_option("NAME", options->name, "a scenario of `whydrop lab list`")->required();
  run->add_flag("--cure", options->cure, "apply the remedy inside the lab and measure again");
  run->add_flag("--twin", options->twin, "with 20 real losses mixed in (healthy scenarios)");
  add_allow_shared(*run, *options);
  add_tracer_option(*run, options->tracer);
  add_output_options(*run, options->output);
  run->callback(
      [chosen, options] { *chosen = [options] { return with_signals(*options, run_named); }; });

  auto* all = app.add_subcommand("all", "run every scenario");
  all->add_option("--filter", options->filters,
                  "only names like this pattern (healthy.*); may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  all->add_option("--order", options->order, "name or random")
      ->check(CLI::IsMember({"name", "random"}));
  all->add_option("--seed", options->seed, "of the random order");
  all->add_flag("--cure", options->cure, "apply each remedy and measure again");
  all->add_option("--accuracy", options->accuracy, "also write the table to this file (Markdown)");
  add_allow_shared(*all, *options);
  add_tracer_option(*all, options->tracer);
  add_output_options(*all, options->output);
  all->callback(
      [chosen, options] { *chosen = [options] { return with_signals(*options, run_all); }; });

  add_lab_traffic(app, *chosen);
  add_lab_attach(app, *chosen);
  return
      [chosen] { return *chosen ? run_without_lent_rights(*chosen) : static_cast<int>(kTrouble); };
}

}  // namespace

extern const Command lab;
const Command lab = {.name = "lab",
                     .summary = "make a real, contained fault, diagnose it, and prove the remedy",
                     .set_up = set_up};

}  // namespace cli::commands
