// Step 1 of the ledger: readings become entries on places.

#include <algorithm>

#include <fmt/format.h>

#include "diagnose/driver_statistics.h"
#include "diagnose/firewall.h"
#include "diagnose/ledger.h"
#include "diagnose/qdiscs.h"
#include "diagnose/routing_places.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"

namespace diagnose {
namespace {

using model::Class;
using model::Evidence;

std::string location(const model::DropTally& tally) {
  std::string text = fmt::format("{}+{:#x}", tally.symbol, tally.offset);
  if (!tally.module.empty()) text += fmt::format(" [{}]", tally.module);
  return text;
}

// "noise@ping_rcv": the account of a drop that belongs to no place of the contract.
std::string placeless(Class klass, const std::string& symbol) {
  return fmt::format("{}@{}", model::name(klass), symbol.empty() ? "unknown" : symbol);
}

void put_on(Entry& entry, const knowledge::Place& place) {
  entry.account = place.id;
  entry.stage = place.stage;
  entry.direction = place.direction;
  entry.klass = place.klass;
}

// Where the trace does not tell a packet's origin, the hook in a sampled stack does.
bool leaves(const Evidence& evidence, std::uint32_t tally) {
  if (!model::traced_without_places(evidence)) return false;
  return std::ranges::any_of(evidence.drops.samples, [&](const model::DropSample& sample) {
    if (sample.tally != tally) return false;
    const auto hook = hook_of(sample.stack);
    return hook && (hook->name == "output" || hook->name == "postrouting");
  });
}

void put_on_place(Entry& entry, const Evidence& evidence, std::uint32_t index) {
  const auto& tally = evidence.drops.tallies[index];
  const auto* function = knowledge::find_function(tally.symbol, tally.reason);
  const auto* reason = knowledge::find_reason(tally.reason);
  const auto take = [&](const auto& row) {
    entry.stage = row.stage;
    entry.direction = row.direction;
    entry.klass = row.klass;
    entry.account = row.place.empty() ? placeless(row.klass, tally.symbol) : row.place;
  };
  if (function != nullptr) {
    take(*function);
  } else if (reason != nullptr) {
    take(*reason);
  } else {
    entry.account = placeless(Class::kUnknown, tally.symbol);
    if (const auto* symbol = knowledge::find_symbol(tally.symbol)) {
      entry.stage = symbol->stage;
      entry.direction = symbol->direction;
    }
  }
  if (const auto* place = knowledge::find_place(routing_place(evidence, index))) {
    put_on(entry, *place);
  }
  // The firewall's hooks on the way out free with the same reason at the same place as those on the
  // way in; only the packet's origin tells them apart.
  if (entry.account == "netfilter.rule-drop" && (tally.made_here || leaves(evidence, index))) {
    put_on(entry, *knowledge::find_place("netfilter-out.rule-drop"));
  }
  // Other segments that no socket takes are the rest of a connection that is gone.
  const bool can_tell = entry.account == "tcp.no-listener" && tally.reason == "NO_SOCKET" &&
                        !model::traced_without_places(evidence);
  if (can_tell && !tally.opens_connection) {
    entry.klass = Class::kNoise;
    entry.account = placeless(Class::kNoise, tally.symbol);
  }
  // A loss that no place of the contract holds is unknown: it is counted, and it is printed.
  if (entry.klass == Class::kLoss && entry.account.find('@') != std::string::npos) {
    entry.klass = Class::kUnknown;
    entry.account = placeless(Class::kUnknown, tally.symbol);
  }
}

// Witnesses of knowledge::Role::kExact only; sums and echoes are looked at after the accounts.
bool is_account_witness(const knowledge::Counter& row) {
  return row.role == knowledge::Role::kExact && !row.place.empty();
}

// With SYN cookies off, a listener refuses SYNs before its queue is full: tcp_max_syn_backlog keeps
// a quarter in reserve (tcp_conn_request). Only ListenDrops counts those.
void add_reserve_of_syn_queue(const Evidence& evidence, std::vector<Entry>& entries) {
  for (const auto& netns : evidence.netns) {
    const auto id = [&](std::string_view name) {
      return model::counter_id(name, {{"netns", netns.id}});
    };
    const auto rise = [&](std::string_view name) { return evidence.timeline.rise(id(name)); };
    const auto drops = rise("netstat.TcpExt.ListenDrops");
    const auto named =
        rise("netstat.TcpExt.ListenOverflows") + rise("netstat.TcpExt.TCPReqQFullDrop");
    if (drops <= named) continue;
    const auto cookies = model::number_setting(evidence, id("sysctl.net.ipv4.tcp_syncookies"));
    if (!cookies || *cookies != 0) continue;
    const auto* place = knowledge::find_place("listen.syn-queue-full");
    Entry entry;
    entry.account = place->id;
    entry.stage = place->stage;
    entry.klass = place->klass;
    entry.at.netns = netns.id;
    entry.witness.id = id("netstat.TcpExt.ListenDrops");
    entry.witness.covers = model::Covers::kIncludes;
    entry.witness.packets = drops - named;
    entries.push_back(std::move(entry));
  }
}

// The counter of a plain queue is exact, though qdisc.drops is a sum for other kinds (early drops
// of an AQM, tc filters at clsact) and for the qdiscs above.
bool is_full_queue(const model::CounterId& id) {
  return model::counter_name(id) == "qdisc.drops" &&
         drops_only_when_full(model::counter_label(id, "kind"));
}

// netem drops because it was told to, with the counter and the reason of a full queue. That its own
// queue was full cannot be told apart; but then, too, it is the emulated link that dropped.
bool is_emulated_link(const model::CounterId& id) {
  return model::counter_name(id) == "qdisc.drops" && model::counter_label(id, "kind") == "netem";
}

void put_on_counters_place(Entry& entry, const Evidence& evidence, const model::CounterId& id,
                           const knowledge::Counter& row) {
  if (is_emulated_link(id)) {
    put_on(entry, *knowledge::find_place("qdisc.emulated-loss"));
    entry.witness.packets = own_drops(evidence, id);
    return;
  }
  if (is_full_queue(id)) {
    put_on(entry, *knowledge::find_place("qdisc.queue-full"));
    entry.witness.packets = own_drops(evidence, id);
    return;
  }
  entry.account = row.place;
  entry.stage = row.stage;
  entry.direction = model::direction_of(row.stage);
  entry.klass = row.klass;
}

// A device without carrier drops with the reason of a full queue, and so does netem.
void tell_full_queue_apart(Entry& entry, const Evidence& evidence, const model::DropTally& tally) {
  if (tally.reason == "QDISC_DROP" &&
      lost_to_a_dead_device(evidence, entry.at.netns, entry.at.dev)) {
    put_on(entry, *knowledge::find_place("link.device-down"));
    entry.direction = model::Direction::kSend;
    return;
  }
  const auto qdisc = dropping_qdisc(evidence, entry.at.netns, entry.at.dev);
  if (qdisc && qdisc->kind == "netem") {
    put_on(entry, *knowledge::find_place("qdisc.emulated-loss"));
  }
}

}  // namespace

std::vector<Entry> trace_entries(const Evidence& evidence) {
  std::vector<Entry> entries;
  for (std::uint32_t at = 0; at < evidence.drops.tallies.size(); ++at) {
    const auto& tally = evidence.drops.tallies[at];
    if (tally.packets == 0) continue;
    Entry entry;
    put_on_place(entry, evidence, at);
    entry.tally = at;
    entry.at.netns = tally.netns;
    if (const auto* device = model::find_device(evidence, tally.netns, tally.ifindex)) {
      entry.at.dev = device->name;
    }
    if (entry.account == "qdisc.queue-full") tell_full_queue_apart(entry, evidence, tally);
    entry.port = tally.port;
    entry.witness.kind = model::WitnessKind::kTrace;
    entry.witness.reason = tally.reason;
    entry.witness.location = location(tally);
    entry.witness.packets = tally.packets;
    entry.echo_key = tally.reason;
    entry.series = tally.series;
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<Entry> counter_entries(const Evidence& evidence) {
  std::vector<Entry> entries;
  for (const auto& [id, series] : evidence.timeline.counters) {
    // First, because nearly all counters stand still and this is asked several times a second.
    const auto rise = model::increment(series);
    if (rise.amount == 0) continue;
    const auto* row = knowledge::find_counter(model::counter_name(id));
    if (row == nullptr) continue;
    if (!is_account_witness(*row) && !is_full_queue(id) && !is_emulated_link(id)) continue;
    Entry entry;
    entry.witness.packets = rise.amount;
    put_on_counters_place(entry, evidence, id, *row);
    if (entry.witness.packets == 0) continue;
    entry.at.netns = model::counter_label(id, "netns");
    entry.at.dev = model::counter_label(id, "dev");
    entry.witness.kind = model::WitnessKind::kCounter;
    entry.witness.id = id;
    entry.witness.unit = row->unit;
    entry.series = model::rises(evidence.timeline, series);
    entries.push_back(std::move(entry));
  }
  add_reserve_of_syn_queue(evidence, entries);
  std::ranges::move(driver_entries(evidence), std::back_inserter(entries));
  std::ranges::move(ipv6_routing_entries(evidence), std::back_inserter(entries));
  return entries;
}

bool is_of_interface(const Evidence& evidence, const Entry& entry) {
  const auto& wanted = evidence.window.interface;
  return wanted.empty() || entry.at.dev == wanted;
}

std::vector<model::CounterId> undecided(const Evidence& evidence) {
  std::vector<model::CounterId> ids;
  if (evidence.window.interface.empty()) return ids;
  for (const auto& entry : counter_entries(evidence)) {
    if (entry.at.dev.empty()) ids.push_back(entry.witness.id);
  }
  return ids;
}

}  // namespace diagnose
