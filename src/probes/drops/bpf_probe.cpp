#include "probes/drops/bpf_probe.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "host/own_sysfs.h"
#include "probes/drops/stacks.h"
#include "probes/drops/tallies.h"

namespace probes::drops {
namespace {

constexpr std::uint32_t kBudgetsPerSecond = 10;
constexpr std::uint32_t kSmallestBudget = 16;
constexpr auto kLongerThanAProgram = std::chrono::milliseconds(5);
constexpr auto kAnyNetns = [](const model::Inode&) { return true; };

// libbpf explains refusals on stderr; the first warning is kept for our error instead. Those after
// it only say that its callers failed as well.
thread_local std::string warning;

int keep_warning(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN || !warning.empty()) return 0;
  char line[512];
  if (std::vsnprintf(line, sizeof line, format, arguments) <= 0) return 0;
  std::string_view text = line;
  constexpr std::string_view kPrefix = "libbpf: ";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  warning = base::trim(text);
  return 0;
}

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
using Ring = std::unique_ptr<ring_buffer, FreeRing>;

template <class Record>
int take_record(void* context, void* data, size_t size) {
  if (size >= sizeof(Record)) static_cast<Tallies*>(context)->take(*static_cast<Record*>(data));
  return 0;
}

class BpfProbe : public Probe {
 public:
  BpfProbe(Loaded loaded, const Options& options, int cpus)
      : loaded_(std::move(loaded)), tables_(static_cast<size_t>(cpus)), tallies_(options.stream) {}

  [[nodiscard]] base::Status open_rings() {
    ring_.reset(
        ring_buffer__new(loaded_.openings, take_record<wire::DropOpening>, &tallies_, nullptr));
    if (!ring_) return base::system_failure("open the ring of burst slots", errno);
    const int failed =
        ring_buffer__add(ring_.get(), loaded_.samples, take_record<wire::DropSample>, &tallies_);
    if (failed != 0) return base::system_failure("open the ring of samples", -failed);
    return {};
  }

  void start(std::chrono::nanoseconds monotonic_now) override {
    ring_buffer__consume(ring_.get());
    read_tables();
    misses_at_start_ = recursion_misses();
    tallies_.start(tables_, monotonic_now);
  }

  Totals poll() override {
    if (loaded_.object) {
      ring_buffer__consume(ring_.get());
      read_tables();
      tallies_.read(tables_);
    }
    return {.packets = tallies_.packets(), .outside_table = tallies_.outside_table()};
  }

  [[nodiscard]] std::vector<Told> told(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) override {
    return tallies_.told({.symbols = symbols, .reasons = &reasons, .known_netns = known_netns});
  }

  [[nodiscard]] base::Result<FlowCounts> take_flows(bool all) override {
    FlowCounts counts;
    if (!loaded_.flows.are_there()) return counts;
    // A program that began before the turn may still write: the table rests until the next call.
    TRY(empty_resting(loaded_.flows, counts.flows));
    *loaded_.flows.turn = *loaded_.flows.turn + 1;
    if (all) {
      std::this_thread::sleep_for(kLongerThanAProgram);
      TRY(empty_resting(loaded_.flows, counts.flows));
    }
    for (const auto& table : tables_) {
      counts.outside += table.flows_outside;
      counts.unread += table.flows_unread;
    }
    return counts;
  }

  [[nodiscard]] std::vector<CountedStack> stacks(const host::Symbols* symbols,
                                                 const host::DropReasons& reasons) override {
    if (loaded_.stack_counts < 0) return {};
    return read_stacks({.counts = loaded_.stack_counts,
                        .traces = loaded_.stack_traces,
                        .cpus = static_cast<int>(tables_.size())},
                       {.symbols = symbols, .reasons = &reasons, .known_netns = kAnyNetns});
  }

  [[nodiscard]] base::Result<model::DropTrace> finish(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) override {
    if (tallies_.intervals() == 0) poll();
    model::DropTrace trace = so_far(symbols, reasons, known_netns);
    ring_.reset();
    loaded_.object.reset();
    if (read_error_ != 0) return base::system_failure("read the tally of drops", read_error_);
    return trace;
  }

  [[nodiscard]] model::DropTrace so_far(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) override {
    model::DropTrace trace =
        tallies_.trace({.symbols = symbols, .reasons = &reasons, .known_netns = known_netns});
    trace.rung = loaded_.rung;
    if (loaded_.object) recursion_misses_ = recursion_misses() - misses_at_start_;
    trace.recursion_misses = recursion_misses_;
    trace.map_bytes = map_bytes(static_cast<int>(tables_.size()));
    return trace;
  }

 private:
  void read_tables() {
    const std::uint32_t zero = 0;
    if (bpf_map_lookup_elem(loaded_.tables, &zero, tables_.data()) != 0) read_error_ = errno;
  }

  // Cumulative since the program was loaded.
  [[nodiscard]] std::uint64_t recursion_misses() const {
    bpf_prog_info info{};
    __u32 length = sizeof info;
    return bpf_obj_get_info_by_fd(loaded_.program, &info, &length) == 0 ? info.recursion_misses : 0;
  }

  Loaded loaded_;
  std::vector<wire::DropTable> tables_;  // one per possible CPU
  Tallies tallies_;
  Ring ring_;
  std::uint64_t misses_at_start_ = 0;
  std::uint64_t recursion_misses_ = 0;
  int read_error_ = 0;
};

}  // namespace

void hear_libbpf() {
  warning.clear();
  libbpf_set_print(keep_warning);
}

std::unexpected<base::Error> refused(const std::string& doing, int reason, const char* needs) {
  if (reason == EPERM || reason == EACCES) {
    return base::system_failure(doing, reason,
                                "needs CAP_BPF and CAP_PERFMON (or root), and a kernel and "
                                "container that do not forbid bpf(2)");
  }
  // libbpf then says which file of it was the first that it missed.
  if (const auto missing = host::missing_sysfs(*base::system_files())) {
    return base::failure(doing + ": " + missing->what, missing->hint);
  }
  return base::failure(doing + ": " + (warning.empty() ? std::strerror(reason) : warning), needs);
}

std::uint64_t no_drop_reasons(const host::DropReasons& reasons) {
  std::uint64_t bits = 0;
  for (const auto& [number, name] : reasons.names()) {
    if (number < 64 && (name == "CONSUMED" || name == "NOT_DROPPED_YET")) {
      bits |= std::uint64_t{1} << number;
    }
  }
  return bits;
}

std::uint32_t sample_mask(const Options& options) {
  return std::bit_ceil(std::max(options.sample_every, 1U)) - 1;
}

// The budget is shared out to the CPUs; where one CPU does all the dropping, the others' shares
// stay unused.
std::uint32_t samples_per_budget(const Options& options) {
  const auto cpus = static_cast<std::uint32_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
  return std::max(options.samples_per_second / kBudgetsPerSecond / cpus, kSmallestBudget);
}

// Room for what a CPU opens between two polls: 130 keys in each of 10 slots.
std::uint32_t opening_ring_bytes(int cpus) {
  constexpr std::uint32_t kOfCpu = 64 << 10;
  constexpr std::uint32_t kSmallest = 256 << 10;
  constexpr std::uint32_t kLargest = 4 << 20;
  const auto wanted = std::bit_ceil(static_cast<std::uint32_t>(std::max(cpus, 1))) * kOfCpu;
  return std::clamp(wanted, kSmallest, kLargest);
}

base::Result<std::unique_ptr<Probe>> read_books_of(Loaded loaded, const Options& options) {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) return base::system_failure("count the CPUs", -cpus);
  auto probe = std::make_unique<BpfProbe>(std::move(loaded), options, cpus);
  TRY(probe->open_rings());
  return probe;
}

std::uint64_t map_bytes(int possible_cpus) {
  return sizeof(wire::DropTable) * static_cast<std::uint64_t>(possible_cpus) +
         opening_ring_bytes(possible_cpus) + wire::kDropSampleRingBytes + napi::map_bytes();
}

}  // namespace probes::drops
