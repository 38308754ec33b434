// Drops are counted in the kernel, exactly; samples come through a ring that is emptied ten times a
// second. What is told of a sample is looked up then (its namespace, device, owner), and where that
// takes longer the sample waits, so that the lines keep their order.

#include "live/trace.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <thread>

#include "base/clock.h"
#include "base/files.h"
#include "diagnose/drop_place.h"
#include "host/own_cost.h"
#include "host/reset_reasons.h"
#include "live/event_shares.h"
#include "live/flow_sums.h"
#include "live/namer.h"
#include "live/place_sums.h"
#include "live/tcp_events.h"
#include "observe/assemble.h"
#include "probes/drops/drops.h"
#include "probes/names/symbol_reader.h"
#include "probes/retransmits/retransmits.h"

namespace live {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr auto kPollInterval = milliseconds(100);
constexpr auto kAnyNetns = [](const model::Inode&) { return true; };
constexpr auto kLongestWait = std::chrono::seconds(1);  // of a sample for its names
constexpr std::uint32_t kSamplesPerSecond = 4'000;      // of the host
constexpr std::uint32_t kMostFlows = 65536;             // new ones between two polls
constexpr std::uint32_t kStacksPerSecond = 4'000;       // on each CPU

std::vector<std::uint8_t> bytes_of(std::string_view hexadecimal) {
  std::vector<std::uint8_t> bytes;
  const auto digit = [](char letter) {
    return static_cast<unsigned>(letter <= '9' ? letter - '0' : letter - 'a' + 10);
  };
  for (std::size_t at = 0; at + 1 < hexadecimal.size(); at += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(digit(hexadecimal[at]) * 16 + digit(hexadecimal[at + 1])));
  }
  return bytes;
}

class Trace {
 public:
  explicit Trace(const TraceRequest& request)
      : request_(request),
        selection_(request.selection),
        files_(base::system_files()),
        clock_(base::system_clock()),
        namer_(*files_) {}

  base::Result<model::TraceSummary> run() {
    TRY(attach());
    if (request_.attached) TRY(request_.attached());
    symbols_.start(*files_);
    TRY(namer_.read_namespaces());
    selection_.netns = TRY(host::resolve_selectors(*files_, namer_.namespaces(), request_.netns));
    start_ = clock_->monotonic();
    wall_ahead_ = clock_->wall() - start_;
    probe_->start(start_);
    if (tcp_) tcp_->start(start_);
    while (!is_over()) {
      wait();
      poll();
      TRY(tell_those_ready());
      if (request_.idle) TRY(request_.idle());
    }
    return summary();
  }

 private:
  struct Waiting {
    model::TraceEvent event;  // without names
    std::uint64_t socket_inode;
    nanoseconds since;
  };

  // Makes no thread: each would keep its own copy of the rights that are given up after it.
  base::Status attach() {
    auto reasons = host::DropReasons::read(*files_);
    if (!reasons) reasons = host::DropReasons::read_from_tracefs(*files_);
    if (reasons) reasons_ = std::move(*reasons);
    auto attached =
        TRY(probes::drops::attach({.only = probes::drops::rung_of(request_.tracer),
                                   .samples_per_second = kSamplesPerSecond,
                                   .stacks = request_.sample_stacks,
                                   .stream = true,
                                   .stacks_per_second = request_.stacks ? kStacksPerSecond : 0,
                                   .most_flows = wants_flows() ? kMostFlows : 0,
                                   .received = request_.received,
                                   .filter = request_.filter},
                                  reasons_));
    if (const auto blind = probes::drops::blind_spot(attached)) summary_.blind_spots = {*blind};
    summary_.rung = probes::drops::name(attached.rung);
    probe_ = std::move(attached.probe);
    attach_tcp();
    symbols_.ask_kernel();
    return {};
  }

  void attach_tcp() {
    if (!request_.retransmissions && !request_.resets) return;
    auto attached = probes::retransmits::attach({});
    if (!attached) {
      summary_.blind_spots.push_back({.what = "TCP segments that are sent again, and resets",
                                      .why = attached.error().what,
                                      .enable = attached.error().hint,
                                      .stages = {model::Stage::kTcp}});
      return;
    }
    tcp_ = std::move(*attached);
    if (auto reasons = host::read_reset_reasons(*files_)) reset_reasons_ = std::move(*reasons);
    std::ranges::move(tcp_->blind_spots(), std::back_inserter(summary_.blind_spots));
  }

  // ── while it runs ──

  [[nodiscard]] nanoseconds elapsed() const { return clock_->monotonic() - start_; }

  [[nodiscard]] bool is_over() const {
    if (request_.stop != nullptr && request_.stop->load()) return true;
    if (nobody_wants_more_) return true;
    if (request_.most_events && summary_.events_told >= *request_.most_events) return true;
    return request_.duration && elapsed() >= *request_.duration;
  }

  // In short pieces, so that a stop is heard at once.
  void wait() const {
    auto until = clock_->monotonic() + kPollInterval;
    if (request_.duration) until = std::min(until, start_ + *request_.duration);
    while (clock_->monotonic() < until) {
      if (request_.stop != nullptr && request_.stop->load()) return;
      const auto left = until - clock_->monotonic();
      std::this_thread::sleep_for(std::min<nanoseconds>(left, milliseconds(50)));
    }
  }

  void poll() {
    probe_->poll();
    // Every inode number is believed: a namespace that is gone by now had drops as well.
    for (const auto& told : probe_->told(symbols_.get(), reasons_, kAnyNetns)) {
      if (request_.drops) await(event_of(told), told.sample.socket_inode);
    }
    poll_tcp();
    take_flows(false);
    std::ranges::stable_sort(waiting_, {}, [](const Waiting& one) { return one.event.at_wall_ns; });
    namer_.look(clock_->monotonic());
  }

  [[nodiscard]] bool wants_flows() const { return request_.flows || request_.received; }

  void take_flows(bool all) {
    if (!wants_flows()) return;
    const auto counts = probe_->take_flows(all);
    if (counts) return counted_flows_.take(*counts, selection_.netns);
    if (!all) return;
    summary_.blind_spots.push_back({.what = "packets by flow",
                                    .why = counts.error().what,
                                    .enable = counts.error().hint,
                                    .stages = {}});
  }

  void poll_tcp() {
    if (!tcp_) return;
    tcp_->poll();
    const auto told = tcp_->told(tcp_names());
    for (const auto& sample : told.samples) {
      if (request_.retransmissions) await(event_of(sample), sample.moment.inode);
    }
    for (const auto& sample : told.reset_samples) {
      if (request_.resets) await(event_of(sample), sample.moment.inode);
    }
  }

  void await(model::TraceEvent event, std::uint64_t socket_inode) {
    namer_.want(event.place.netns, event.place.ifindex);
    namer_.want_owner(socket_inode);
    event.at_wall_ns += (start_ + wall_ahead_).count();
    waiting_.push_back({std::move(event), socket_inode, clock_->monotonic()});
  }

  base::Status tell_those_ready() {
    while (!waiting_.empty() && !nobody_wants_more_) {
      auto& next = waiting_.front();
      const bool is_named = !namer_.is_pending(next.socket_inode);
      if (!is_named && clock_->monotonic() - next.since < kLongestWait && !is_over()) break;
      if (request_.most_events && summary_.events_told >= *request_.most_events) break;
      TRY(tell(next));
      waiting_.pop_front();
    }
    return {};
  }

  base::Status tell(Waiting& next) {
    auto& event = next.event;
    event.owner = namer_.owner(next.socket_inode);
    event.place.netns_name = namer_.netns_name(event.place.netns);
    event.place.device = namer_.device_name(event.place.netns, event.place.ifindex);
    // The kernel has filtered drops, with more of the packet than is here.
    selection_.filter = event.kind == model::EventKind::kDrop ? nullptr : request_.filter;
    if (!selection_.takes(event)) return {};
    if (event.kind == model::EventKind::kDrop) shares_.add(event);
    ++summary_.events_told;
    if (request_.tell) nobody_wants_more_ = !TRY(request_.tell(event));
    return {};
  }

  // Without names.
  static model::TraceEvent event_of(const probes::drops::Told& told) {
    model::TraceEvent event{.at_wall_ns = told.sample.at_ns,
                            .place = diagnose::traced_place({}, told.place),
                            .cpu = told.sample.cpu,
                            .length_bytes = told.sample.length_bytes,
                            .flow = told.sample.flow,
                            .owner = {},
                            .cgroup = told.sample.cgroup,
                            .stack = told.sample.stack,
                            .bytes = bytes_of(told.sample.headers_hex),
                            .starts_at = told.starts_at};
    event.place.packets = told.packets;
    return event;
  }

  template <class Sample>
  static model::TraceEvent event_of(const Sample& sample) {
    return live::event_of(sample);
  }

  model::TracedPlace place_of(const model::DropTally& tally) {
    auto place = diagnose::traced_place({}, tally);
    place.netns_name = namer_.netns_name(tally.netns);
    place.device = namer_.device_name(tally.netns, tally.ifindex);
    return place;
  }

  // ── after it ──

  model::TraceSummary summary() {
    summary_.duration_ns = elapsed().count();
    summary_.with_drops = request_.drops;
    if (request_.stacks) add_stacks();
    take_flows(true);
    finish_tcp();
    auto trace = probe_->finish(symbols_.get(), reasons_, kAnyNetns);
    probe_.reset();
    if (!trace) {
      summary_.blind_spots.push_back(
          {.what = "the exact counts", .why = trace.error().what, .enable = trace.error().hint});
      return std::move(summary_);
    }
    for (const auto& tally : trace->tallies) namer_.want(tally.netns, tally.ifindex);
    namer_.look(clock_->monotonic() + std::chrono::seconds(1));
    if (request_.drops) add_places(*trace);
    name_tcp();
    shares_.tell(summary_);
    if (wants_flows()) {
      counted_flows_.tell(summary_, [&](const auto& netns) { return namer_.netns_name(netns); });
    }
    summary_.packets_without_line =
        summary_.packets - std::min(shares_.packets(), summary_.packets);
    summary_.outside_table = trace->outside_table;
    summary_.recursion_misses = trace->recursion_misses;
    summary_.cost = host::own_cost();
    return std::move(summary_);
  }

  void finish_tcp() {
    if (!tcp_) return;
    auto counted = tcp_->finish(tcp_names());
    tcp_.reset();
    if (!counted) {
      summary_.blind_spots.push_back({.what = "how many segments were sent again",
                                      .why = counted.error().what,
                                      .enable = counted.error().hint,
                                      .stages = {model::Stage::kTcp}});
      return;
    }
    const auto is_selected = [&](const auto& row) {
      return selection_.netns.empty() || selection_.netns.contains(row.netns);
    };
    const auto is_wanted = [&](const auto& flow) {
      return request_.filter == nullptr ||
             Selection{.noise = true, .filter = request_.filter}.takes(event_of(flow));
    };
    std::erase_if(counted->flows,
                  [&](const auto& flow) { return !is_selected(flow) || !is_wanted(flow); });
    std::erase_if(counted->resets, [&](const auto& reset) { return !is_selected(reset); });
    if (!request_.resets) counted->resets.clear();
    if (!request_.retransmissions) counted->flows.clear();
    add_sums(*counted, summary_);
  }

  void name_tcp() {
    for (auto* rows : {&summary_.retransmitting, &summary_.resets}) {
      for (auto& row : *rows) row.netns_name = namer_.netns_name(row.netns);
    }
  }

  [[nodiscard]] probes::retransmits::Names tcp_names() {
    return {.symbols = symbols_.get(), .reset_reasons = &reset_reasons_, .known_netns = kAnyNetns};
  }

  // The same stack at several devices is one.
  void add_stacks() {
    constexpr double kNormal95 = 1.96;
    std::map<std::vector<std::string>, std::pair<std::uint64_t, std::uint64_t>> sums;
    for (auto& stack : probe_->stacks(symbols_.get(), reasons_)) {
      if (!selection_.takes(place_of(stack.place))) continue;
      auto& [packets, variance] = sums[std::move(stack.frames)];
      packets += stack.packets;
      variance += stack.variance;
    }
    for (const auto& [frames, sum] : sums) {
      const double error = kNormal95 * std::sqrt(static_cast<double>(sum.second));
      summary_.stacks.push_back({.what = frames,
                                 .netns = "",
                                 .netns_name = "",
                                 .packets = sum.first,
                                 .error = static_cast<std::uint64_t>(std::ceil(error))});
    }
    std::ranges::stable_sort(summary_.stacks, std::greater(), &model::TracedShare::packets);
  }

  // Tallies that differ only in what a place does not tell (a port) are one.
  void add_places(const model::DropTrace& trace) {
    PlaceSums places;
    for (const auto& tally : trace.tallies) {
      auto place = place_of(tally);
      const bool is_noise = place.klass == model::Class::kNoise;
      if (is_noise && !selection_.noise) summary_.noise += tally.packets;
      if (!selection_.takes(place)) continue;
      place.packets = tally.packets;
      place.by_cpu = tally.by_cpu;
      places.add(place);
    }
    summary_.packets = places.packets();
    summary_.places = places.rows();
  }

  const TraceRequest& request_;
  Selection selection_;
  std::unique_ptr<base::Files> files_;
  std::unique_ptr<base::Clock> clock_;
  Namer namer_;
  host::DropReasons reasons_;
  std::unique_ptr<probes::drops::Probe> probe_;
  std::unique_ptr<probes::retransmits::Probe> tcp_;
  host::ResetReasons reset_reasons_;
  probes::names::SymbolReader symbols_;
  std::deque<Waiting> waiting_;
  EventShares shares_;
  CountedFlows counted_flows_;
  bool nobody_wants_more_ = false;
  model::TraceSummary summary_;
  nanoseconds start_{0};
  nanoseconds wall_ahead_{0};
};

}  // namespace

base::Result<model::TraceSummary> trace(const TraceRequest& request) {
  return Trace(request).run();
}

}  // namespace live
