// The drops probe: every kfree_skb of the host, tallied exactly in the kernel, a thinning share of
// them sampled for their story. drops.bpf.c is the kernel half; drops.wire.h what crosses.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "filter/program.h"
#include "host/drop_reasons.h"
#include "host/symbols.h"
#include "model/evidence.h"
#include "model/trace_event.h"
#include "probes/napi/napi.h"

namespace probes::drops {

// The ways to see drops, best first: each sees less than the one before.
enum class Rung : std::uint8_t {
  kBtf,          // tp_btf program: all that is known of a packet
  kTracepoint,   // classic tracepoint: place, reason, protocol
  kDropMonitor,  // netlink: the same and the packet's first bytes, at a limited rate
};

// "tp_btf", "tracepoint", "drop_monitor".
[[nodiscard]] const char* name(Rung rung);
[[nodiscard]] std::optional<Rung> rung_of(std::string_view name);

struct Options {
  std::optional<Rung> only;                 // else the first that works
  std::uint32_t samples_per_second = 2000;  // budget of the host; beyond it they are left out
  std::uint32_t sample_every = 1024;        // of a busy key, after its first few; a power of two
  bool stacks = true;
  // Samples are for told(): where few packets of a kind are dropped, each is one.
  bool stream = false;
  // Call stacks are counted: all of up to so many drops a second on each CPU, of more a share.
  std::uint32_t stacks_per_second = 0;
  // Flows are counted, exactly: room for so many between two calls of take_flows(); 0: not.
  std::uint32_t most_flows = 0;
  bool received = false;  // and those of all packets that the host receives
  // Only drops that match are seen at all; must outlive attach(). Only the first rung can filter.
  const filter::Program* filter = nullptr;
};

// A sampled drop, as soon as it is known.
struct Told {
  model::DropTally place;  // what is counted of it is in the tallies
  model::DropSample sample;
  model::HeaderStart starts_at = model::HeaderStart::kUnknown;
  // Packets that it stands for: its own, and those of the same place on the same CPU since the last
  // one that was told (or since the start).
  std::uint64_t packets = 1;
};

struct FlowCount {
  model::Flow flow;
  model::Inode netns;     // "" = not known
  bool received = false;  // else dropped
  std::uint64_t packets = 0;
};

struct FlowCounts {
  std::vector<FlowCount> flows;
  std::uint64_t outside = 0;  // packets whose flow found no room, since attach
  std::uint64_t unread = 0;   // packets that are not IP, since attach
};

// Packets that were dropped at one place with one call stack.
struct CountedStack {
  model::DropTally place;           // without counts
  std::vector<std::string> frames;  // "symbol+0xoffset", from the call that freed the packet on
  std::uint64_t packets = 0;
  std::uint64_t variance = 0;  // of `packets`; 0 where each was unwound
};

// What the tallies say at one moment, in the kernel's own terms: cumulative since attach.
struct Totals {
  std::uint64_t packets = 0;
  std::uint64_t outside_table = 0;
};

// Attached while it lives; the destructor detaches and leaves nothing behind.
class Probe {
 public:
  virtual ~Probe() = default;
  // Time zero of the timeline: tallies are counted from here (monotonic ns), bursts and samples are
  // timed from here. Called right before the first snapshot of counters.
  virtual void start(std::chrono::nanoseconds monotonic_now) = 0;
  // Reads the tallies, the burst slots and the waiting samples; called at each point of the
  // timeline, at least once a second, right beside reading the counters. Returns sums since start.
  virtual Totals poll() = 0;
  // The samples that came since the last call, in the order of their time; where Options::stream.
  [[nodiscard]] virtual std::vector<Told> told(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) = 0;
  // What was counted by flow since the last call, a call later; with `all` up to now. Only the
  // first rung counts flows.
  [[nodiscard]] virtual base::Result<FlowCounts> take_flows(bool /*all*/) { return FlowCounts{}; }
  // Packets by call stack since attach, where Options::stacks_per_second; before finish(). Only the
  // first rung counts them.
  [[nodiscard]] virtual std::vector<CountedStack> stacks(const host::Symbols* /*symbols*/,
                                                         const host::DropReasons& /*reasons*/) {
    return {};
  }
  // Ends the window: detaches and gives everything from start() to the last poll(), with names.
  // What is dropped after that poll is not in it, as it is not in the counters read beside it.
  // `known_netns` says whether an inode number is a namespace of this host: a tally whose namespace
  // is not known is booked under netns "".
  [[nodiscard]] virtual base::Result<model::DropTrace> finish(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) = 0;
  // As finish, without detaching: what was known at the last poll().
  [[nodiscard]] virtual model::DropTrace so_far(
      const host::Symbols* symbols, const host::DropReasons& reasons,
      const std::function<bool(const model::Inode&)>& known_netns) = 0;
};

struct Attached {
  std::unique_ptr<Probe> probe;
  // Attached with it on the first rung; null on the others, or where the kernel refused it.
  std::unique_ptr<napi::Probe> polls;
  Rung rung = Rung::kBtf;
  // Why the rungs above it did not work, in their order.
  std::vector<base::Error> refused;
};

// Loads and attaches on the first rung that works. Error, where none does: that of the first, what
// the kernel refused and which capability or kernel option would allow it (EPERM names CAP_BPF and
// CAP_PERFMON).
[[nodiscard]] base::Result<Attached> attach(const Options& options,
                                            const host::DropReasons& reasons);

// What this rung does not see, said once: nothing on the first. `why` is the refusal of the first
// rung, or that another was asked for.
[[nodiscard]] std::optional<model::BlindSpot> blind_spot(const Attached& attached);

// Memory that the BPF maps take on the first rung: one table per possible CPU, the rings, and the
// counts of polls.
[[nodiscard]] std::uint64_t map_bytes(int possible_cpus);

// Others on the same tracepoint (BPF links and tracepoint perf events, ftrace): one line each, e.g.
// "bpftrace (pid 812)". They slow every drop down, and may be why numbers of two tools differ.
[[nodiscard]] std::vector<std::string> other_tracers();

}  // namespace probes::drops
