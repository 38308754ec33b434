#include "probes/retransmits/retransmits.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "probes/drops/bpf_probe.h"
#include "probes/retransmits/retransmits.skel.h"

namespace probes::retransmits {
namespace {

constexpr const char* kNeeds = "needs a kernel of 5.10 or later with CONFIG_DEBUG_INFO_BTF";
constexpr std::uint32_t kBudgetsPerSecond = 10;
constexpr std::uint32_t kSmallestBudget = 16;

struct DestroySkeleton {
  void operator()(retransmits_bpf* skeleton) const { retransmits_bpf::destroy(skeleton); }
};
using Skeleton = std::unique_ptr<retransmits_bpf, DestroySkeleton>;

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
using Ring = std::unique_ptr<ring_buffer, FreeRing>;

template <class Record>
bool give(Tallies& tallies, const void* data, std::size_t size) {
  if (size < sizeof(Record)) return false;
  tallies.take(*static_cast<const Record*>(data));
  return true;
}

int take_record(void* context, void* data, std::size_t size) {
  if (size < sizeof(wire::RetransmitHead)) return 0;
  auto& tallies = *static_cast<Tallies*>(context);
  if (static_cast<const wire::RetransmitHead*>(data)->is_reset != 0) {
    give<wire::ResetSample>(tallies, data, size);
  } else {
    give<wire::RetransmitSample>(tallies, data, size);
  }
  return 0;
}

// All of a hash map, by batches (5.6); errno where it ends otherwise than at its end. A batch holds
// whole buckets, so one that is too small for a bucket is refused, and is asked for again, bigger.
template <class Key, class Value>
int read_all(int map, std::vector<std::pair<Key, Value>>& rows) {
  std::size_t room = 256;
  std::uint32_t position = 0;
  bool begun = false;
  std::vector<Key> keys;
  std::vector<Value> values;
  while (true) {
    keys.resize(room);
    values.resize(room);
    auto count = static_cast<__u32>(room);
    const int failed = bpf_map_lookup_batch(map, begun ? &position : nullptr, &position,
                                            keys.data(), values.data(), &count, nullptr);
    const int reason = failed != 0 ? errno : 0;
    if (reason == ENOSPC) {
      room *= 2;
      continue;
    }
    if (reason != 0 && reason != ENOENT) return reason;
    for (__u32 at = 0; at < count; ++at) rows.emplace_back(keys[at], values[at]);
    if (reason == ENOENT) return 0;
    begun = true;
  }
}

std::uint64_t recursion_misses(const bpf_program* program) {
  bpf_prog_info info{};
  __u32 length = sizeof info;
  const bool known = bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length) == 0;
  return known ? info.recursion_misses : 0;
}

class BpfProbe : public Probe {
 public:
  BpfProbe(Skeleton skeleton, int cpus) : skeleton_(std::move(skeleton)), cpus_(cpus) {
    most_flows_ = bpf_map__max_entries(skeleton_->maps.flows);
  }

  [[nodiscard]] base::Status open_ring() {
    ring_.reset(
        ring_buffer__new(bpf_map__fd(skeleton_->maps.samples), take_record, &tallies_, nullptr));
    if (!ring_) return base::system_failure("open the ring of retransmissions", errno);
    return {};
  }

  void start(std::chrono::nanoseconds monotonic_now) override {
    ring_buffer__consume(ring_.get());
    read_books();
    read_rows();
    misses_at_start_ = misses();
    clock_at_start_ = socket_at(0);
    tallies_.start(reading_, monotonic_now);
  }

  Totals poll() override {
    if (skeleton_) {
      ring_buffer__consume(ring_.get());
      const wire::RetransmitBooks before = reading_.books;
      read_books();
      if (before.events != reading_.books.events || before.segments != reading_.books.segments) {
        flows_are_new_ = true;
      }
      read_rows();
      tallies_.read(reading_);
    }
    return {.segments = tallies_.segments(), .outside_segments = tallies_.outside_segments()};
  }

  [[nodiscard]] model::Retransmissions told(const Names& names) override {
    if (jiffies_per_second_ == 0) jiffies_per_second_ = jiffies_per_second();
    return tallies_.take_samples(names, jiffies_per_second_);
  }

  [[nodiscard]] base::Result<model::Retransmissions> finish(const Names& names) override {
    if (skeleton_) {
      if (tallies_.intervals() == 0) poll();
      look_at_sockets();
      jiffies_per_second_ = jiffies_per_second();
      misses_ = misses() - misses_at_start_;
      ring_.reset();
      skeleton_.reset();
    }
    if (read_error_ != 0) return base::system_failure("read the retransmissions", read_error_);
    model::Retransmissions result = tallies_.result(names, jiffies_per_second_);
    result.missed_runs = misses_;
    result.map_bytes = map_bytes(most_flows_, cpus_);
    return result;
  }

  [[nodiscard]] std::vector<model::BlindSpot> blind_spots() const override {
    std::vector<model::BlindSpot> blind;
    if (failures_are_silent_) {
      blind.push_back({.what = "retransmissions that this host itself refused to send, of sockets "
                               "that sent none before or after",
                       .why = "before 6.18 the kernel tells only of those that were sent",
                       .enable = "a kernel of 6.18 or later",
                       .stages = {model::Stage::kTcp}});
    }
    if (!resets_have_reasons_) {
      blind.push_back({.what = "why a TCP reset was sent, and resets that answer a segment without "
                               "a socket",
                       .why = "the kernel tells of them since 6.10",
                       .enable = "a kernel of 6.10 or later",
                       .stages = {model::Stage::kTransport}});
    }
    return blind;
  }

  // Once, after attaching.
  void learn() {
    const wire::SocketNow now = socket_at(0);
    failures_are_silent_ = now.failures_are_silent != 0;
    resets_have_reasons_ = now.resets_have_reasons != 0;
  }

 private:
  void read_books() {
    std::vector<wire::RetransmitBooks> of_cpus(static_cast<std::size_t>(cpus_));
    const std::uint32_t zero = 0;
    if (bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.books), &zero, of_cpus.data()) != 0) {
      read_error_ = errno;
      return;
    }
    wire::RetransmitBooks sum{};
    for (const wire::RetransmitBooks& one : of_cpus) {
      sum.events += one.events;
      sum.segments += one.segments;
      sum.outside_events += one.outside_events;
      sum.outside_segments += one.outside_segments;
      sum.outside_resets += one.outside_resets;
      sum.samples_left_out += one.samples_left_out;
    }
    reading_.books = sum;
  }

  void read_rows() {
    reading_.resets.clear();
    if (const int failed = read_all(bpf_map__fd(skeleton_->maps.resets), reading_.resets)) {
      read_error_ = failed;
    }
    if (!flows_are_new_) return;
    flows_are_new_ = false;
    reading_.flows.clear();
    if (const int failed = read_all(bpf_map__fd(skeleton_->maps.flows), reading_.flows)) {
      read_error_ = failed;
    }
  }

  // What the kernel's memory says at a socket's address.
  [[nodiscard]] wire::SocketNow socket_at(std::uint64_t address) const {
    LIBBPF_OPTS(bpf_test_run_opts, run);
    run.ctx_in = &address;
    run.ctx_size_in = sizeof address;
    const int program = bpf_program__fd(skeleton_->progs.read_socket);
    if (bpf_prog_test_run_opts(program, &run) != 0) return {};
    wire::SocketNow now{};
    static_assert(sizeof now == sizeof skeleton_->bss->answer);
    std::memcpy(&now, &skeleton_->bss->answer, sizeof now);
    return now;
  }

  void look_at_sockets() {
    const int map = bpf_map__fd(skeleton_->maps.flows);
    for (const auto& [key, flow] : tallies_.open_flows()) {
      const wire::SocketNow socket = socket_at(flow.socket);
      const bool has_its_cookie = flow.cookie == 0 || socket.cookie == flow.cookie;
      const bool is_it = has_its_cookie && socket.netns == key.netns &&
                         socket.local_port == key.local_port &&
                         socket.remote_port == key.remote_port;
      wire::RetransmitFlow now{};
      // Read after the socket: what it retransmits meanwhile is in the flow's count.
      if (bpf_map_lookup_elem(map, &key, &now) != 0) continue;
      if (now.closed != 0) {
        tallies_.close(key, now);
      } else if (is_it) {
        tallies_.look_last(key, now, socket);
      }
    }
  }

  [[nodiscard]] std::uint32_t jiffies_per_second() const {
    const wire::SocketNow now = socket_at(0);
    const auto passed_ns = static_cast<double>(now.time_ns - clock_at_start_.time_ns);
    const auto jiffies = static_cast<double>(now.jiffies - clock_at_start_.jiffies);
    constexpr double kLongEnoughNs = 1e8;
    if (clock_at_start_.time_ns == 0 || passed_ns < kLongEnoughNs) return 0;
    const double measured = jiffies / passed_ns * 1e9;
    for (const std::uint32_t usual : {100U, 250U, 300U, 1000U}) {
      if (measured > usual * 0.85 && measured < usual * 1.15) return usual;
    }
    return static_cast<std::uint32_t>(measured);
  }

  [[nodiscard]] std::uint64_t misses() const {
    return recursion_misses(skeleton_->progs.count_retransmission) +
           recursion_misses(skeleton_->progs.count_synack) +
           recursion_misses(skeleton_->progs.count_sent_reset) +
           recursion_misses(skeleton_->progs.count_received_reset);
  }

  Skeleton skeleton_;
  int cpus_;
  std::uint32_t most_flows_;
  Ring ring_;
  Tallies tallies_;
  Reading reading_;
  bool flows_are_new_ = true;
  bool failures_are_silent_ = false;
  bool resets_have_reasons_ = true;
  wire::SocketNow clock_at_start_{};
  std::uint32_t jiffies_per_second_ = 0;
  std::uint64_t misses_at_start_ = 0;
  std::uint64_t misses_ = 0;
  int read_error_ = 0;
};

std::uint32_t samples_per_budget(const Options& options) {
  const auto cpus = static_cast<std::uint32_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
  return std::max(options.samples_per_second / kBudgetsPerSecond / cpus, kSmallestBudget);
}

}  // namespace

base::Result<std::unique_ptr<Probe>> attach(const Options& options) {
  drops::hear_libbpf();
  Skeleton skeleton(retransmits_bpf::open());
  if (!skeleton) return drops::refused("open the retransmits probe", errno, kNeeds);
  skeleton->rodata->samples_per_budget = samples_per_budget(options);
  skeleton->rodata->sample_mask = std::bit_ceil(std::max(options.sample_every, 1U)) - 1;
  skeleton->rodata->with_stacks = options.stacks ? 1 : 0;
  bpf_map__set_max_entries(skeleton->maps.flows, std::max(options.most_flows, 1U));
  int failed = retransmits_bpf::load(skeleton.get());
  if (failed != 0) return drops::refused("load the retransmits probe", -failed, kNeeds);
  failed = retransmits_bpf::attach(skeleton.get());
  if (failed != 0) return drops::refused("attach the retransmits probe", -failed, kNeeds);
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) return base::system_failure("count the CPUs", -cpus);
  auto probe = std::make_unique<BpfProbe>(std::move(skeleton), cpus);
  TRY(probe->open_ring());
  probe->learn();
  return probe;
}

std::uint64_t map_bytes(std::uint32_t most_flows, int possible_cpus) {
  // kernel/bpf/hashtab.c: htab_elem, key and value in eighths; and a bucket.
  constexpr std::size_t kOfEntry = 48 + 16;
  constexpr std::size_t kOfReset = kOfEntry + 16 + sizeof(std::uint64_t);
  constexpr std::size_t kOfFlow =
      kOfEntry + sizeof(wire::RetransmitKey) + sizeof(wire::RetransmitFlow);
  return most_flows * kOfFlow + wire::kRetransmitResets * kOfReset +
         sizeof(wire::RetransmitBooks) * static_cast<std::uint64_t>(possible_cpus) +
         wire::kRetransmitRingBytes;
}

}  // namespace probes::retransmits
