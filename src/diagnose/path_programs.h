// Which XDP programs and tc filters sit where an account's packets were dropped, in words and
// commands, for the causes that accuse them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/cause.h"
#include "diagnose/ledger.h"
#include "model/diagnosis.h"
#include "model/evidence.h"

namespace diagnose {

using Programs = std::vector<const model::PathProgram*>;

// Those on the devices of the account's traces whose hook starts with `hook` ("xdp-", "tc-egress").
[[nodiscard]] Programs programs_at(const model::Evidence& evidence, const Booked& booked,
                                   std::string_view hook);

// BPF program "lab_xdp_drop" (id 12, tag f2920015cb8b1463), "u32 filter (pref 1 handle 800::800)".
[[nodiscard]] std::string program_text(const model::PathProgram& program);

// "to-client", "an unknown device"; with the namespace's name where it is not the initial one.
[[nodiscard]] std::string device_text(const model::Evidence& evidence, const model::Place& at);

// How to see a program, and whose it is.
[[nodiscard]] model::Remedy show_program(const model::PathProgram& program);

// Tells whose packets were sampled most often: what the program acts on.
void add_sampled_flow(const Case& one, Explanation& explanation);

// What drops in one direction of tc: candidates for an account, the rest ruled out.
struct TcSuspects {
  Programs all;         // that sit there
  Programs candidates;  // that can have dropped these packets
  // Packets of the account that the drops counter of clsact or ingress holds: filters count there,
  // tcx programs do not (tc_run and tcx_run in net/core/dev.c). Nothing without such a qdisc.
  std::optional<std::uint64_t> counted;
};
[[nodiscard]] TcSuspects tc_suspects(const Case& one, std::string_view hook);

// The explanation of a drop by tc; `direction` as tc names it: "ingress", "egress".
[[nodiscard]] Explanation explain_tc_drop(const Case& one, std::string_view direction);

}  // namespace diagnose
