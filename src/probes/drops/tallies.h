// The books of the window, from what the kernel half counted: sums since the start, packets per
// interval, packets per 10 ms, samples. Knows no BPF: it is fed tables and records.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "host/drop_reasons.h"
#include "host/symbols.h"
#include "model/evidence.h"
#include "probes/drops/drops.h"
#include "probes/drops/drops.wire.h"

namespace probes::drops {

// What turns numbers of the kernel into names.
struct Names {
  const host::Symbols* symbols = nullptr;  // null: addresses stay numbers
  const host::DropReasons* reasons = nullptr;
  std::function<bool(const model::Inode&)> known_netns;
  // Symbols that the kernel named itself; believed before `symbols`.
  const std::map<std::uint64_t, host::Symbol>* told = nullptr;
};

// What a key says, without counts.
[[nodiscard]] model::DropTally named(const wire::DropKey& key, const Names& names);

struct Sums {
  std::uint64_t events = 0;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t truesize = 0;
};

class Tallies {
 public:
  Tallies() = default;
  // `telling`: take() also keeps each sample for told(), up to some thousands.
  explicit Tallies(bool telling) : telling_(telling) {}

  // What the tables hold at the start of the window does not belong to it.
  void start(std::span<const wire::DropTable> tables, std::chrono::nanoseconds monotonic_now);

  // Records that the kernel wrote since the last call, in their order; before read().
  void take(const wire::DropOpening& opening);
  void take(const wire::DropSample& sample);

  // Ends an interval of the timeline: one table per CPU.
  void read(std::span<const wire::DropTable> tables);

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t outside_table() const { return outside_packets_; }
  [[nodiscard]] std::uint32_t intervals() const { return intervals_; }

  // The samples that came since the last call; after read(), which knows their keys.
  [[nodiscard]] std::vector<Told> told(const Names& names);

  // Tallies with the most packets first. Keys of several CPUs that read the same are one tally.
  [[nodiscard]] model::DropTrace trace(const Names& names) const;

 private:
  // One key on one CPU. Invariant: the packets of `bursts` and of the slot that is open add up to
  // those of `now` less `at_start`, unless `bursts_complete` is false.
  struct Cell {
    wire::DropKey key{};
    Sums at_start;
    Sums now;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> rises;  // interval, packets
    std::uint32_t opened = 0;                                    // as the kernel counts its slots
    std::uint32_t open_slot = 0;                                 // since the start of the window
    Sums at_opening;
    std::vector<model::BurstSlot> bursts;
    bool bursts_complete = true;
    std::vector<wire::DropSample> samples;
    std::uint64_t samples_seen = 0;
    std::uint64_t keep_every = 1;
    std::uint64_t packets_told = 0;  // of `now`, in what was told
  };
  using CellId = std::pair<std::uint32_t, std::uint32_t>;  // CPU, index in its table

  struct LeftOut {
    std::uint64_t outside_packets = 0;
    std::uint64_t samples = 0;
    std::uint64_t openings = 0;
  };

  [[nodiscard]] static LeftOut left_out(std::span<const wire::DropTable> tables);
  void close_slot(Cell& cell, const Sums& sums);
  void thin(Cell& cell);
  void add_samples(model::DropTrace& trace, const Names& names, const Cell& cell,
                   std::uint32_t tally) const;

  std::map<CellId, Cell> cells_;
  bool telling_ = false;
  std::vector<wire::DropSample> to_tell_;
  std::uint32_t start_slot_ = 0;  // of the kernel's clock
  std::int64_t start_ns_ = 0;
  std::uint32_t intervals_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t outside_packets_ = 0;
  LeftOut at_start_;
  std::uint64_t samples_left_out_ = 0;  // by the kernel
  std::uint64_t samples_thinned_ = 0;   // by us
  size_t samples_kept_ = 0;
  size_t slots_kept_ = 0;
};

}  // namespace probes::drops
