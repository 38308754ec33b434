// The books of the window, from what the kernel half counted: flows, resets, samples. Knows no BPF:
// it is fed rows and records.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "host/reset_reasons.h"
#include "host/symbols.h"
#include "model/retransmissions.h"
#include "probes/retransmits/retransmits.wire.h"

namespace probes::retransmits {

// What turns numbers of the kernel into names.
struct Names {
  const host::Symbols* symbols = nullptr;  // null: addresses stay numbers
  const host::ResetReasons* reset_reasons = nullptr;
  std::function<bool(const model::Inode&)> known_netns;
};

using FlowRow = std::pair<wire::RetransmitKey, wire::RetransmitFlow>;
using ResetRow = std::pair<wire::ResetKey, std::uint64_t>;

// All that the kernel half holds at one moment.
struct Reading {
  std::vector<FlowRow> flows;
  std::vector<ResetRow> resets;
  wire::RetransmitBooks books{};  // summed over the CPUs
};

class Tallies {
 public:
  // What was counted before the start of the window does not belong to it.
  void start(const Reading& reading, std::chrono::nanoseconds monotonic_now);

  // Records that the kernel wrote since the last call; before read().
  void take(const wire::RetransmitSample& sample);
  void take(const wire::ResetSample& sample);

  // Ends an interval of the timeline.
  void read(const Reading& reading);

  // Flows of the window whose socket was not seen closed.
  [[nodiscard]] std::vector<FlowRow> open_flows() const;
  // Such a flow, whose socket was closed after the last reading.
  void close(const wire::RetransmitKey& key, const wire::RetransmitFlow& now);
  // What was read of such a flow's socket after its last event; `now` is the flow at that time.
  void look_last(const wire::RetransmitKey& key, const wire::RetransmitFlow& now,
                 const wire::SocketNow& socket);

  [[nodiscard]] std::uint64_t segments() const { return segments_; }
  [[nodiscard]] std::uint64_t outside_segments() const;
  [[nodiscard]] std::size_t intervals() const { return series_.size(); }

  // The samples that came since the last call, for who tells them as they come: result() then has
  // none. Their `flow` means nothing.
  [[nodiscard]] model::Retransmissions take_samples(const Names& names,
                                                    std::uint32_t jiffies_per_second);

  // Flows with the most segments first. `jiffies_per_second` 0: not known.
  [[nodiscard]] model::Retransmissions result(const Names& names,
                                              std::uint32_t jiffies_per_second) const;

 private:
  using FlowId = std::tuple<std::uint64_t, std::uint32_t, std::uint16_t, std::uint16_t>;
  using ResetId = std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint8_t>;
  struct Flow {
    wire::RetransmitKey key{};
    wire::RetransmitFlow at_start{};
    wire::RetransmitFlow now{};
  };
  struct Reset {
    std::uint64_t at_start = 0;
    std::uint64_t now = 0;
  };

  [[nodiscard]] static FlowId id_of(const wire::RetransmitKey& key);
  [[nodiscard]] static ResetId id_of(const wire::ResetKey& key);
  [[nodiscard]] static bool is_of_window(const Flow& flow);
  [[nodiscard]] model::RetransmittingFlow told(const Flow& flow, const Names& names) const;
  void add_flows(model::Retransmissions& result, const Names& names,
                 std::map<FlowId, std::uint32_t>& places) const;
  void add_resets(model::Retransmissions& result, const Names& names) const;
  void add_samples(model::Retransmissions& result, const Names& names,
                   const std::map<FlowId, std::uint32_t>& places,
                   std::uint32_t jiffies_per_second) const;
  [[nodiscard]] model::RetransmissionSample story(const wire::RetransmitSample& sample,
                                                  const Names& names,
                                                  std::uint32_t jiffies_per_second) const;
  [[nodiscard]] model::ResetSample story(const wire::ResetSample& sample, const Names& names) const;
  [[nodiscard]] model::TcpMoment moment(const wire::RetransmitHead& head,
                                        std::span<const __u64> stack, const Names& names) const;

  std::map<FlowId, Flow> flows_;
  std::map<ResetId, Reset> resets_;
  wire::RetransmitBooks at_start_{};
  wire::RetransmitBooks now_{};
  std::int64_t start_ns_ = 0;
  std::uint64_t segments_ = 0;
  std::vector<std::uint64_t> series_;
  std::vector<wire::RetransmitSample> samples_;
  std::vector<wire::ResetSample> reset_samples_;
  std::uint64_t samples_refused_ = 0;  // by us
};

}  // namespace probes::retransmits
