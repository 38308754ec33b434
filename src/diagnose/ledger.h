// The book-keeping: every loss on exactly one account, with everybody who saw it.
//
// A packet that is lost is seen up to seven times: by a counter of the place, by the trace, and
// again as an echo in counters of other stages. The ledger turns all these readings into accounts
// whose packets can be added up:
//
//   1. each trace tally and each counter that rose is an entry, put on a place by the tables of
//      knowledge/ (place, class and stage of a reason, a function, a counter);
//   2. entries of one place at one spot (namespace, device or host: as fine as the place's counter
//      counts) are one account; its counter and its trace count the *same* packets and are
//      compared, never added, with a tolerance of peak rate x the time that reading took; a trace
//      without a namespace is put where the counter saw more than the trace (homeless.h);
//   3. places that lie in a socket are split by socket;
//   4. what an account echoes in is named under it and taken off that counter; what then is left of
//      a counter that means loss is an account of its own, class unknown, named after the counter
//      (a qdisc's counter holds those of the qdiscs below it: they are taken off first);
//   5. drops that the trace knows to have missed and no counter saw are an account as well.
//
// So nothing is counted twice, and there is no hidden residue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/diagnosis.h"
#include "model/evidence.h"

namespace diagnose {

// One reading of one witness, put on a place.
struct Entry {
  std::string account;  // place id, or "noise@symbol", "unknown@symbol", …
  model::Stage stage = model::Stage::kNetwork;
  model::Direction direction = model::Direction::kReceive;
  model::Class klass = model::Class::kUnknown;
  model::Place at;
  std::uint16_t port = 0;  // of the receiving UDP socket, 0 = none
  model::Witness witness;
  std::string echo_key;  // reason name: echoes can hang on a reason as well as on a place
  std::vector<std::uint64_t> series;
  std::optional<std::uint32_t> tally;  // of a trace: index into DropTrace::tallies
};

// The entries of the trace and of the counters, as in step 1.
[[nodiscard]] std::vector<Entry> trace_entries(const model::Evidence& evidence);
[[nodiscard]] std::vector<Entry> counter_entries(const model::Evidence& evidence);

// An account with what the causes need beside it.
struct Booked {
  model::Account account;
  std::uint16_t port = 0;
  std::vector<std::string> echo_keys;
  std::vector<std::uint32_t> tallies;  // indices into DropTrace::tallies: its traces
};

// Steps 1 to 5. Accounts are numbered a1, a2, … by packets, biggest first.
[[nodiscard]] std::vector<Booked> book(const model::Evidence& evidence);

// Whether an entry lies in what the user asked about (diagnose -i). A counter that does not tell
// devices apart cannot say, so it is no witness then: undecided() lists such counters that rose.
[[nodiscard]] bool is_of_interface(const model::Evidence& evidence, const Entry& entry);
[[nodiscard]] std::vector<model::CounterId> undecided(const model::Evidence& evidence);

// Packets that may pass between reading one witness and the other: peak rate x skew.
[[nodiscard]] std::uint64_t tolerance(const model::Evidence& evidence,
                                      const std::vector<std::uint64_t>& series);

}  // namespace diagnose
