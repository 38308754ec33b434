#include "probes/drops/tallies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>

#include "probes/drops/flow.h"

namespace probes::drops {
namespace {

// What user space keeps is bounded whatever the host does: about 5 MB each of slots and samples.
constexpr size_t kMostBurstSlots = 150'000;
constexpr size_t kMostSamples = 4096;
constexpr size_t kMostSamplesOfCell = 64;
constexpr size_t kMostToTell = 16384;  // between two calls

static_assert(sizeof(wire::DropKey) == 24);
static_assert(sizeof(wire::DropCell) == 64);
static_assert(sizeof(wire::DropOpening) == 40);
static_assert(sizeof(wire::DropStackKey) == 32);
static_assert(sizeof(wire::DropStackCount) == 16);
static_assert(sizeof(wire::DropSample) == 368);
static_assert(sizeof(wire::DropTable) <= 32768, "the largest value of a per-CPU map");
static_assert(sizeof(wire::DropTable) % 8 == 0, "user space reads values rounded up to 8");
static_assert(wire::kDropBuckets + wire::kDropProbes <= wire::kDropCells);

Sums sums_of(const wire::DropCell& cell) {
  return {cell.events, cell.packets, cell.bytes, cell.truesize};
}

Sums operator-(const Sums& left, const Sums& right) {
  return {left.events - right.events, left.packets - right.packets, left.bytes - right.bytes,
          left.truesize - right.truesize};
}

model::BurstSlot burst_slot(std::uint32_t slot, const Sums& sums) {
  return {
      .slot = slot, .packets = sums.packets, .bytes = sums.bytes, .truesize_bytes = sums.truesize};
}

using TallyKey = std::tuple<std::string, std::uint64_t, std::string, std::string, model::Inode,
                            std::uint32_t, std::uint16_t, std::uint16_t, bool, bool>;

TallyKey key_of(const model::DropTally& tally) {
  return {tally.symbol,  tally.offset,   tally.module, tally.reason,    tally.netns,
          tally.ifindex, tally.protocol, tally.port,   tally.made_here, tally.opens_connection};
}

host::Symbol symbol_at(const Names& names, std::uint64_t address) {
  if (names.told != nullptr && names.told->contains(address)) return names.told->at(address);
  if (names.symbols != nullptr) return names.symbols->at(address);
  return {.name = fmt::format("0x{:x}", address), .offset = 0, .module = ""};
}

}  // namespace

model::DropTally named(const wire::DropKey& key, const Names& names) {
  host::Symbol symbol = symbol_at(names, key.location);
  model::DropTally tally;
  tally.symbol = std::move(symbol.name);
  tally.offset = symbol.offset;
  tally.module = std::move(symbol.module);
  if (names.reasons != nullptr) tally.reason = names.reasons->name(key.reason);
  tally.protocol = key.protocol;
  tally.port = key.port;
  tally.made_here = key.made_here != 0;
  tally.opens_connection = key.opens != 0;
  const model::Inode netns = key.netns == 0 ? "" : std::to_string(key.netns);
  if (netns.empty() || !names.known_netns || !names.known_netns(netns)) return tally;
  tally.netns = netns;
  tally.ifindex = key.ifindex;  // means nothing without its namespace
  return tally;
}

namespace {

void add_bursts(std::vector<model::BurstSlot>& sum, const std::vector<model::BurstSlot>& more) {
  sum.insert(sum.end(), more.begin(), more.end());
  std::ranges::sort(sum, {}, &model::BurstSlot::slot);
  size_t kept = 0;
  for (size_t at = 0; at < sum.size(); ++at) {
    if (kept > 0 && sum[kept - 1].slot == sum[at].slot) {
      sum[kept - 1].packets += sum[at].packets;
      sum[kept - 1].bytes += sum[at].bytes;
      sum[kept - 1].truesize_bytes += sum[at].truesize_bytes;
    } else {
      sum[kept++] = sum[at];
    }
  }
  sum.resize(kept);
}

HeaderStart header_start(std::uint8_t kind) {
  if (kind == wire::kDropHeadersNetwork) return HeaderStart::kNetwork;
  return kind == wire::kDropHeadersLink ? HeaderStart::kLink : HeaderStart::kUnknown;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// The stack from the call that freed the packet outwards: what lies inside it is the tracer's own.
std::vector<std::string> stack_text(const wire::DropSample& sample, std::uint64_t location,
                                    const Names& names) {
  const std::span frames(sample.stack, std::min<size_t>(sample.frames, wire::kDropFrames));
  auto from = std::ranges::find(frames, location);
  if (from == frames.end()) from = frames.begin();
  std::vector<std::string> text;
  for (; from != frames.end(); ++from) text.push_back(location_text(symbol_at(names, *from)));
  return text;
}

model::DropSample story(const wire::DropSample& sample, const wire::DropKey& key,
                        const Names& names) {
  const std::span headers(sample.headers,
                          std::min<size_t>(sample.header_bytes, wire::kDropHeaderBytes));
  model::DropSample told;
  told.cpu = sample.cpu;
  told.length_bytes = sample.length;
  told.headers_hex = hexadecimal(headers);
  told.flow = parse_flow(headers, header_start(sample.header_kind), key.protocol);
  told.stack = stack_text(sample, key.location, names);
  told.socket_cookie = sample.socket_cookie;
  told.socket_inode = sample.socket_inode;
  told.receive_queue_bytes = sample.receive_queue;
  told.receive_buffer_bytes = sample.receive_buffer;
  told.cgroup = sample.cgroup;
  told.comm.assign(sample.comm, strnlen(sample.comm, sizeof sample.comm));
  return told;
}

// Most packets first; the samples' indices follow.
void sort_tallies(model::DropTrace& trace) {
  std::vector<std::uint32_t> order(trace.tallies.size());
  for (std::uint32_t at = 0; at < order.size(); ++at) order[at] = at;
  std::ranges::sort(order, [&](std::uint32_t left, std::uint32_t right) {
    const model::DropTally& a = trace.tallies[left];
    const model::DropTally& b = trace.tallies[right];
    return a.packets != b.packets ? a.packets > b.packets : key_of(a) < key_of(b);
  });
  std::vector<std::uint32_t> place(order.size());
  std::vector<model::DropTally> sorted;
  for (const std::uint32_t at : order) {
    place[at] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(trace.tallies[at]));
  }
  trace.tallies = std::move(sorted);
  for (model::DropSample& sample : trace.samples) sample.tally = place[sample.tally];
  std::ranges::sort(trace.samples, {}, [](const model::DropSample& sample) {
    return std::tuple(sample.at_ns, sample.cpu, sample.tally);
  });
}

}  // namespace

Tallies::LeftOut Tallies::left_out(std::span<const wire::DropTable> tables) {
  LeftOut sum;
  for (const wire::DropTable& table : tables) {
    sum.outside_packets += table.outside_packets;
    sum.samples += table.samples_left_out;
    sum.openings += table.openings_left_out;
  }
  return sum;
}

void Tallies::start(std::span<const wire::DropTable> tables,
                    std::chrono::nanoseconds monotonic_now) {
  *this = Tallies(telling_);
  start_ns_ = monotonic_now.count();
  start_slot_ = static_cast<std::uint32_t>(start_ns_ / wire::kDropSlotNs);
  at_start_ = left_out(tables);
  for (std::uint32_t cpu = 0; cpu < tables.size(); ++cpu) {
    for (std::uint32_t index = 0; index < wire::kDropCells; ++index) {
      const wire::DropCell& counted = tables[cpu].cells[index];
      if (counted.key.location == 0) continue;
      Cell& cell = cells_[{cpu, index}];
      cell.at_start = cell.now = cell.at_opening = sums_of(counted);
      cell.opened = counted.opened;
      cell.packets_told = counted.packets;
    }
  }
}

void Tallies::close_slot(Cell& cell, const Sums& sums) {
  const Sums dropped = sums - cell.at_opening;
  if (dropped.packets == 0) return;
  if (slots_kept_ >= kMostBurstSlots) {
    cell.bursts_complete = false;
    return;
  }
  cell.bursts.push_back(burst_slot(cell.open_slot, dropped));
  ++slots_kept_;
}

void Tallies::take(const wire::DropOpening& opening) {
  Cell& cell = cells_[{opening.cpu, opening.cell}];
  const auto ahead = static_cast<std::int32_t>(opening.opened - cell.opened);
  if (ahead <= 0) return;  // written before the table was read at the start
  if (ahead > 1) cell.bursts_complete = false;
  const Sums sums{0, opening.packets, opening.bytes, opening.truesize};
  close_slot(cell, sums);
  const auto since_start = static_cast<std::int32_t>(opening.slot - start_slot_);
  cell.open_slot = static_cast<std::uint32_t>(std::max(since_start, 0));
  cell.opened = opening.opened;
  cell.at_opening = sums;
}

// Keeps every second sample, and from now on every second of those that come.
void Tallies::thin(Cell& cell) {
  size_t kept = 0;
  for (size_t at = 0; at < cell.samples.size(); at += 2) cell.samples[kept++] = cell.samples[at];
  const size_t removed = cell.samples.size() - kept;
  cell.samples.resize(kept);
  cell.keep_every *= 2;
  samples_kept_ -= removed;
  samples_thinned_ += removed;
}

void Tallies::take(const wire::DropSample& sample) {
  if (static_cast<std::int64_t>(sample.time_ns) < start_ns_) return;
  if (telling_ && to_tell_.size() < kMostToTell) to_tell_.push_back(sample);
  Cell& cell = cells_[{sample.cpu, sample.cell}];
  const bool wanted = cell.samples_seen++ % cell.keep_every == 0;
  if (!wanted || samples_kept_ >= kMostSamples) {
    ++samples_thinned_;
    return;
  }
  cell.samples.push_back(sample);
  ++samples_kept_;
  if (cell.samples.size() >= kMostSamplesOfCell) thin(cell);
}

void Tallies::read(std::span<const wire::DropTable> tables) {
  const LeftOut now = left_out(tables);
  const bool lost_openings = now.openings != at_start_.openings;
  for (std::uint32_t cpu = 0; cpu < tables.size(); ++cpu) {
    for (std::uint32_t index = 0; index < wire::kDropCells; ++index) {
      const wire::DropCell& counted = tables[cpu].cells[index];
      if (counted.key.location == 0) continue;
      Cell& cell = cells_[{cpu, index}];
      cell.key = counted.key;
      const std::uint64_t rise = counted.packets - cell.now.packets;
      if (rise != 0) cell.rises.emplace_back(intervals_, rise);
      packets_ += rise;
      cell.now = sums_of(counted);
      // Its last opening, perhaps: a gap that no later one shows.
      if (lost_openings && counted.opened != cell.opened) cell.bursts_complete = false;
    }
  }
  outside_packets_ = now.outside_packets - at_start_.outside_packets;
  samples_left_out_ = now.samples - at_start_.samples;
  ++intervals_;
}

std::vector<Told> Tallies::told(const Names& names) {
  std::vector<Told> all;
  std::ranges::sort(to_tell_, {}, &wire::DropSample::time_ns);
  for (const wire::DropSample& sample : to_tell_) {
    Cell& cell = cells_[{sample.cpu, sample.cell}];
    if (cell.key.location == 0) continue;  // its key was not read yet
    Told one{.place = named(cell.key, names), .sample = story(sample, cell.key, names)};
    one.starts_at = header_start(sample.header_kind);
    one.sample.at_ns = static_cast<std::int64_t>(sample.time_ns) - start_ns_;
    const std::uint64_t until = sample.packets + sample.own_packets;
    one.packets = until > cell.packets_told ? until - cell.packets_told : sample.own_packets;
    cell.packets_told = std::max(cell.packets_told, until);
    all.push_back(std::move(one));
  }
  to_tell_.clear();
  return all;
}

void Tallies::add_samples(model::DropTrace& trace, const Names& names, const Cell& cell,
                          std::uint32_t tally) const {
  for (const wire::DropSample& sample : cell.samples) {
    model::DropSample told = story(sample, cell.key, names);
    told.at_ns = static_cast<std::int64_t>(sample.time_ns) - start_ns_;
    told.tally = tally;
    trace.samples.push_back(std::move(told));
  }
}

model::DropTrace Tallies::trace(const Names& names) const {
  model::DropTrace trace;
  std::map<TallyKey, std::uint32_t> places;
  for (const auto& [id, cell] : cells_) {
    const Sums dropped = cell.now - cell.at_start;
    if (dropped.events == 0) continue;
    model::DropTally fresh = named(cell.key, names);
    const auto next = static_cast<std::uint32_t>(trace.tallies.size());
    const auto [place, is_new] = places.emplace(key_of(fresh), next);
    if (is_new) {
      fresh.series.resize(intervals_);
      trace.tallies.push_back(std::move(fresh));
    }
    model::DropTally& tally = trace.tallies[place->second];
    tally.events += dropped.events;
    tally.packets += dropped.packets;
    tally.bytes += dropped.bytes;
    tally.truesize_bytes += dropped.truesize;
    for (const auto& [interval, packets] : cell.rises) tally.series[interval] += packets;
    if (tally.by_cpu.size() <= id.first) tally.by_cpu.resize(id.first + 1);
    tally.by_cpu[id.first] += dropped.packets;
    std::vector<model::BurstSlot> bursts = cell.bursts;
    const Sums open = cell.now - cell.at_opening;
    if (open.packets != 0) bursts.push_back(burst_slot(cell.open_slot, open));
    add_bursts(tally.bursts, bursts);
    tally.bursts_complete = tally.bursts_complete && cell.bursts_complete;
    add_samples(trace, names, cell, place->second);
  }
  sort_tallies(trace);
  trace.events_sampled = trace.samples.size();
  trace.events_left_out = samples_left_out_ + samples_thinned_;
  trace.outside_table = outside_packets_;
  return trace;
}

}  // namespace probes::drops
