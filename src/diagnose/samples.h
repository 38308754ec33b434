// What the sampled packets of an account tell: whose they were, where they came from and went to.
// Counts are never taken from samples, only shares of a count.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "diagnose/ledger.h"
#include "model/question.h"

namespace diagnose {

// Samples whose tally is one of the account's.
[[nodiscard]] std::vector<const model::DropSample*> samples_of(const model::Evidence& evidence,
                                                               const Booked& booked);

// The flow that the samples show most often; source ports are ignored (0) where `any_source_port`.
[[nodiscard]] std::optional<model::Flow> common_flow(const model::Evidence& evidence,
                                                     const Booked& booked,
                                                     bool any_source_port = false);

// How often each text was seen, most often first; ties in the order of the text.
using Frequencies = std::vector<std::pair<std::string, std::uint64_t>>;
[[nodiscard]] Frequencies sources_of(const model::Evidence& evidence, const Booked& booked);
[[nodiscard]] Frequencies destinations_of(const model::Evidence& evidence, const Booked& booked);

// The device that a packet of this tally came in by; 0 where it was made here, and where it was on
// its way out already, so that its device is the one that it should leave by.
[[nodiscard]] std::uint32_t arrival_ifindex(const Booked& booked, const model::DropTally& tally);

// Questions about the ways of a few of the sampled packets, for causes that need
// model::Question::Kind::kRoutes: the way that it came to take; of one that was received also the
// way to its destination from here, whatever forwarding and filters say, and the way back.
[[nodiscard]] std::vector<model::Question> route_questions(const model::Evidence& evidence,
                                                           const Booked& booked);

// The namespace that has the address: `near` itself, else the only one that device pairs connect
// with it (directly or through others); `near` "" = the only one of the host. Nothing where none or
// several are.
[[nodiscard]] std::optional<model::Inode> netns_of_address(const model::Evidence& evidence,
                                                           const std::string& address,
                                                           const model::Inode& near);

// Adds the namespaces of this host whose packets the account's were, by the sampled source
// addresses, each with its share of the account's packets.
void name_senders(const model::Evidence& evidence, Booked& booked);

}  // namespace diagnose
