#include "diagnose/drop_place.h"

#include "diagnose/ledger.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"

namespace diagnose {
namespace {

std::string_view meaning_of(const Entry& entry, const model::DropTally& tally) {
  if (const auto* place = knowledge::find_place(entry.account)) return place->meaning;
  if (const auto* row = knowledge::find_function(tally.symbol, tally.reason)) return row->meaning;
  if (const auto* row = knowledge::find_reason(tally.reason)) return row->meaning;
  return {};
}

}  // namespace

model::TracedPlace traced_place(const model::Evidence& evidence, const model::DropTally& tally) {
  model::Evidence alone;
  alone.netns = evidence.netns;
  alone.drops.rung = evidence.drops.rung;
  alone.drops.tallies = {tally};
  alone.drops.tallies.front().packets = 1;  // what holds nothing is on no place
  model::TracedPlace place{.reason = tally.reason, .netns = tally.netns, .ifindex = tally.ifindex};
  for (const auto& entry : trace_entries(alone)) {
    place.account = entry.account;
    place.stage = entry.stage;
    place.direction = entry.direction;
    place.klass = entry.klass;
    place.location = entry.witness.location;
    place.meaning = meaning_of(entry, tally);
  }
  return place;
}

}  // namespace diagnose
