// Holds a diagnosis against what a scenario declares must be found. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lab/scenario.h"
#include "lab/traffic/traffic.h"
#include "model/diagnosis.h"

namespace lab {

// The lines that the traffic printed; others are skipped.
[[nodiscard]] std::vector<traffic::Counts> parse_counts(std::string_view lines);

// What `sum` says of the counts: terms joined by + and -, each a number, "sent", "received" or
// "errors" of all that count datagrams, or of one alone ("late.sent"). Error: a term that means
// nothing, or a result below 0.
[[nodiscard]] base::Result<std::uint64_t> evaluate(std::string_view sum,
                                                   const std::vector<traffic::Counts>& counts);

// One expectation and what came of it.
struct Check {
  std::string what;  // "cause", "packets"
  std::string expected;
  std::string found;
  bool held = false;
  bool unseen = false;  // not held, because the rung that drops were traced by does not see it
  friend bool operator==(const Check&, const Check&) = default;
};

// The full name of a namespace that the scenario calls "server".
using NetnsName = std::function<std::string(std::string_view)>;

// Every expectation, in the order in which a reader asks for them.
[[nodiscard]] std::vector<Check> check(const Scenario& scenario, const model::Diagnosis& diagnosis,
                                       const std::vector<traffic::Counts>& counts,
                                       const NetnsName& netns_name);

// What was lost after the cure, by the traffic's own count and by the second diagnosis; `allowed`
// is what expect.after-cure says.
[[nodiscard]] std::vector<Check> check_cure(std::string_view allowed, std::uint64_t lost,
                                            const model::Diagnosis& diagnosis);

[[nodiscard]] bool all_held(const std::vector<Check>& checks);

// The remedy with this id in the first finding, or null.
[[nodiscard]] const model::Remedy* find_remedy(const model::Diagnosis& diagnosis,
                                               std::string_view id);

// The environment variable in which the cure finds the value of a change: "net.core.rmem_max" ->
// "WHYDROP_SET_NET_CORE_RMEM_MAX".
[[nodiscard]] std::string variable_of(std::string_view target);

}  // namespace lab
