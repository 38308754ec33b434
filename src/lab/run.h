// Runs one scenario: make the fault, diagnose it, hold the diagnosis against the truth, and cure
// it.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/expect.h"
#include "lab/scenario.h"
#include "model/diagnosis.h"

namespace lab {

// One window over the scenario's traffic.
struct Measurement {
  std::vector<traffic::Counts> counts;
  std::uint64_t sent = 0;      // datagrams, by the traffic's own count
  std::uint64_t received = 0;  // datagrams, by the traffic's own count
  std::uint64_t lost = 0;      // what expect.packets says
  model::Diagnosis diagnosis;
  std::vector<Check> checks;
};

enum class Status : std::uint8_t { kPassed, kFailed, kSkipped, kUnmeasured };
[[nodiscard]] std::string_view name(Status status);

struct Outcome {
  std::string scenario;
  std::string title;
  std::string expected_cause;  // of the first finding; "" = nothing may be found
  Status status = Status::kFailed;
  std::string reason;  // of a skip, or of a failure that is no expectation
  double seconds = 0;  // from making the fault to its diagnosis
  std::optional<Measurement> fault;
  std::string no_setting;  // why no setting would cure it; "" = one would, or no cure was asked for
  std::string remedy;      // the command of the remedy that was carried out; "" = none was
  std::optional<Measurement> cured;
  std::string cure;  // "cured", "reduced", "not cured", "not applied: why"; "" = not asked for
};

struct RunOptions {
  bool cure = false;
  // Also scenarios that fill what all of the host shares ("touches: host-wide").
  bool allow_shared = false;
  std::string tracer = "auto";              // as observe::Request takes it
  const std::atomic<bool>* stop = nullptr;  // set by a signal handler
  // What is being done now, for a person who waits.
  std::function<void(std::string_view)> progress;
};

// Why this kernel or these rights cannot make the fault; nothing where they can.
[[nodiscard]] std::optional<std::string> obstacle(const Scenario& scenario, bool allow_shared);

[[nodiscard]] Outcome run(const Scenario& scenario, const RunOptions& options);

}  // namespace lab
