// What the rungs that load a BPF program have in common: libbpf's words, and reading of the books.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <bpf/libbpf.h>

#include "probes/drops/drops.h"
#include "probes/drops/flows.h"

namespace probes::drops {

// A program that is attached while `object` lives, and the descriptors of what it writes.
struct Loaded {
  std::string rung;
  std::shared_ptr<void> object;
  int program = -1;
  int tables = -1;
  int openings = -1;
  int samples = -1;
  int stack_counts = -1;  // where stacks are counted
  int stack_traces = -1;
  FlowTables flows;  // where flows are counted
};

[[nodiscard]] base::Result<std::unique_ptr<Probe>> read_books_of(Loaded loaded,
                                                                 const Options& options);

// libbpf explains refusals on stderr: its first warning from now on is kept for refused() instead.
void hear_libbpf();

// `needs` is the hint where no right is missing.
[[nodiscard]] std::unexpected<base::Error> refused(const std::string& doing, int reason,
                                                   const char* needs);

// Bit N: reason N is no drop.
[[nodiscard]] std::uint64_t no_drop_reasons(const host::DropReasons& reasons);

[[nodiscard]] std::uint32_t sample_mask(const Options& options);
[[nodiscard]] std::uint32_t samples_per_budget(const Options& options);
[[nodiscard]] std::uint32_t opening_ring_bytes(int cpus);

// Room for a trace's samples between two polls.
inline constexpr std::uint32_t kStreamRingBytes = 2 << 20;

// What every program of ours is told before it is loaded.
template <class Skeleton>
void tell(Skeleton& skeleton, const Options& options, const host::DropReasons& reasons) {
  skeleton.rodata->sample_mask = sample_mask(options);
  skeleton.rodata->samples_per_budget = samples_per_budget(options);
  skeleton.rodata->with_stacks = options.stacks ? 1 : 0;
  skeleton.rodata->sample_all = options.stream ? 1 : 0;
  if (options.stream) bpf_map__set_max_entries(skeleton.maps.samples, kStreamRingBytes);
  skeleton.rodata->no_drop_reasons = no_drop_reasons(reasons);
  bpf_map__set_max_entries(skeleton.maps.openings, opening_ring_bytes(libbpf_num_possible_cpus()));
}

// Attached as long as what is returned lives.
template <class Skeleton>
[[nodiscard]] Loaded loaded(const std::shared_ptr<Skeleton>& skeleton, std::string_view rung) {
  return {.rung = std::string(rung),
          .object = skeleton,
          .program = bpf_program__fd(skeleton->progs.count_drop),
          .tables = bpf_map__fd(skeleton->maps.tables),
          .openings = bpf_map__fd(skeleton->maps.openings),
          .samples = bpf_map__fd(skeleton->maps.samples)};
}

}  // namespace probes::drops
