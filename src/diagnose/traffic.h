// How many packets passed: the denominators of every ratio, and what each stage saw.
#pragma once

#include <optional>
#include <vector>

#include "model/diagnosis.h"
#include "model/evidence.h"

namespace diagnose {

// Wire packets that entered (or left) IP in a namespace, "" = all selected ones; nothing where it
// was not measured. GRO-aware: aggregates count as the packets they were on the wire.
[[nodiscard]] std::optional<std::uint64_t> traffic_of(const model::Evidence& evidence,
                                                      const model::Inode& netns,
                                                      model::Direction direction);

[[nodiscard]] model::TcpTotals tcp_totals(const model::Evidence& evidence);

// Every stage with its state, what passed, what was lost there.
[[nodiscard]] std::vector<model::StageReport> stage_reports(
    const model::Evidence& evidence, const std::vector<model::Account>& accounts);

}  // namespace diagnose
