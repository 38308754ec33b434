// One scenario from beginning to end, told in order: sweep, build the world, open the window, let
// the traffic run, close the window, stop the servers (their counts are the truth), compare; then
// the same again after the cure.

#include "lab/run.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "diagnose/diagnose.h"
#include "lab/rung.h"
#include "lab/world.h"
#include "observe/observe.h"

namespace lab {
namespace {

using std::chrono::nanoseconds;

// Every traffic program ends by itself after 30 s.
constexpr auto kLongestWindow = std::chrono::seconds(35);
// After the traffic: what is queued is read, late drops are seen, the last point is quiet.
constexpr auto kAftermath = std::chrono::milliseconds(500);
constexpr std::string_view kTwinSuffix = "+twin";

class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options)
      : scenario_(scenario), options_(options), files_(base::system_files()) {}

  Outcome outcome() {
    outcome_.scenario = scenario_.name;
    outcome_.title = scenario_.title;
    outcome_.expected_cause = scenario_.expect.cause;
    if (auto why = obstacle(scenario_, options_.allow_shared)) {
      outcome_.status = Status::kSkipped;
      outcome_.reason = std::move(*why);
      return std::move(outcome_);
    }
    if (const auto done = conduct(); !done) {
      outcome_.status = Status::kFailed;
      outcome_.reason = done.error().what;
    }
    return std::move(outcome_);
  }

 private:
  base::Status conduct() {
    const auto began = std::chrono::steady_clock::now();
    sweep(*files_);
    auto world = TRY(World::create(*files_, scenario_.script));
    tell("making the fault");
    if (auto made = world.run(function("setup")); !made) {
      if (!world.cannot_make_fault()) return made;
      outcome_.status = Status::kSkipped;
      outcome_.reason = world.last_line();
      return {};
    }
    outcome_.fault = TRY(measure(world));
    auto& fault = *outcome_.fault;
    fault.checks = check(scenario_, fault.diagnosis, fault.counts,
                         [&](std::string_view name) { return world.netns_name(name); });
    mark_unseen(scenario_, fault.diagnosis, fault.checks);
    outcome_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    outcome_.status = all_held(fault.checks) ? Status::kPassed : Status::kFailed;
    const bool inconclusive = fault.diagnosis.verdict == model::Verdict::kInconclusive;
    if (inconclusive && outcome_.status == Status::kFailed) {
      outcome_.status = Status::kUnmeasured;
      outcome_.reason = "the verdict is inconclusive";
    }
    if (options_.cure && !inconclusive) TRY(cure(world));
    return {};
  }

  // A window that lasts as long as the traffic.
  base::Result<Measurement> measure(World& world) {
    tell("watching the traffic");
    std::atomic<bool> over{false};
    base::Result<pid_t> traffic = 0;
    base::Status trouble;
    nanoseconds ended_at{0};
    observe::Request request;
    request.duration = kLongestWindow;
    request.netns = world.namespaces();
    if (!scenario_.select.empty()) request.netns.clear();
    for (const auto& name : scenario_.select) request.netns.push_back(world.netns_name(name));
    request.stop = &over;
    request.tracer = options_.tracer;
    request.questions = diagnose::questions;
    request.started = [&] { traffic = world.start(function("traffic")); };
    request.progress = [&](const observe::Progress& progress) {
      if (!traffic || asked_to_stop()) over.store(true);
      if (!traffic || over.load()) return;
      if (ended_at.count() == 0) {
        const auto ended = world.has_ended(*traffic);
        if (!ended) trouble = std::unexpected(ended.error());
        if (ended.value_or(true)) ended_at = progress.elapsed;
      }
      if (ended_at.count() > 0 && progress.elapsed >= ended_at + kAftermath) over.store(true);
    };
    auto evidence = TRY(observe::observe(request));
    if (asked_to_stop()) return base::failure("interrupted");
    TRY(std::move(traffic));
    TRY(std::move(trouble));
    if (ended_at.count() == 0) return base::failure("the traffic did not end");
    evidence.window.interrupted = false;  // it lasted as long as it should
    Measurement measurement;
    measurement.counts = parse_counts(world.stop_servers());
    measurement.diagnosis = diagnose::diagnose(evidence);
    count(measurement);
    return measurement;
  }

  void count(Measurement& measurement) const {
    const auto& counts = measurement.counts;
    measurement.sent = evaluate("sent", counts).value_or(0);
    measurement.received = evaluate("received", counts).value_or(0);
    measurement.lost = evaluate(scenario_.expect.packets, counts).value_or(0);
  }

  base::Status cure(World& world) {
    const auto& fault = *outcome_.fault;
    const auto* remedy = find_remedy(fault.diagnosis, scenario_.cure);
    if (scenario_.expect.cause.empty() || is_twin()) return {};
    outcome_.no_setting = why_no_setting(fault.diagnosis);
    if (scenario_.cure.empty()) {
      outcome_.cure = "not applied: this scenario has no cure that stays inside the lab";
      return {};
    }
    if (remedy == nullptr) {
      outcome_.cure = fmt::format("not applied: remedy {} was not offered", scenario_.cure);
      return {};
    }
    std::map<std::string, std::string> changes;
    for (const auto& change : remedy->set) changes[variable_of(change.target)] = change.to;
    outcome_.remedy = remedy->command;
    tell("applying the remedy");
    TRY(world.run(function("cure"), changes));
    outcome_.cured = TRY(measure(world));
    judge_cure();
    return {};
  }

  // What the first finding says for itself where none of its remedies changes a setting.
  static std::string why_no_setting(const model::Diagnosis& diagnosis) {
    if (diagnosis.findings.empty()) return {};
    const auto& finding = diagnosis.findings.front();
    const auto sets = [](const model::Remedy& remedy) { return !remedy.set.empty(); };
    return std::ranges::any_of(finding.remedies, sets) ? std::string() : finding.why;
  }

  void judge_cure() {
    auto& cured = *outcome_.cured;
    const auto before = outcome_.fault->lost;
    if (cured.lost == 0) {
      outcome_.cure = "cured";
    } else {
      outcome_.cure = cured.lost < before ? "reduced" : "not cured";
    }
    if (scenario_.expect.after_cure) {
      cured.checks = check_cure(*scenario_.expect.after_cure, cured.lost, cured.diagnosis);
    }
    if (!all_held(cured.checks)) outcome_.status = Status::kFailed;
  }

  // A twin wraps the functions of its scenario.
  [[nodiscard]] std::string function(std::string_view name) const {
    return fmt::format("{}{}", is_twin() ? "twin_" : "", name);
  }

  [[nodiscard]] bool is_twin() const { return scenario_.name.ends_with(kTwinSuffix); }

  [[nodiscard]] bool asked_to_stop() const {
    return options_.stop != nullptr && options_.stop->load();
  }

  void tell(std::string_view doing) const {
    if (options_.progress) options_.progress(doing);
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  std::unique_ptr<base::Files> files_;
  Outcome outcome_;
};

}  // namespace

std::string_view name(Status status) {
  switch (status) {
    case Status::kPassed:
      return "passed";
    case Status::kFailed:
      return "failed";
    case Status::kSkipped:
      return "skipped";
    case Status::kUnmeasured:
      return "unmeasured";
  }
  return "";
}

Outcome run(const Scenario& scenario, const RunOptions& options) {
  return Run(scenario, options).outcome();
}

}  // namespace lab
