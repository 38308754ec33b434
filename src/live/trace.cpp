// Drops are counted in the kernel, exactly; samples come through a ring that is emptied ten times a
// second. What is told of a sample is looked up then (its namespace, device, owner), and where that
// takes longer the sample waits, so that the lines keep their order.

#include "live/trace.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <thread>

#include "base/clock.h"
#include "base/files.h"
#include "diagnose/drop_place.h"
#include "host/own_cost.h"
#include "host/symbols.h"
#include "live/event_shares.h"
#include "live/namer.h"
#include "live/place_sums.h"
#include "observe/assemble.h"
#include "probes/drops/drops.h"
#include "probes/names/names.h"

namespace live {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr auto kPollInterval = milliseconds(100);
constexpr auto kLongestWait = std::chrono::seconds(1);  // of a sample for its names
constexpr std::uint32_t kSamplesPerSecond = 8'000;     // of the host
constexpr std::uint32_t kStacksPerSecond = 10'000;      // on each CPU

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
    symbols_reading_ =
        std::async(std::launch::async, [this] { return host::Symbols::read(*files_); });
    TRY(namer_.read_namespaces());
    selection_.netns = TRY(host::resolve_selectors(*files_, namer_.namespaces(), request_.netns));
    start_ = clock_->monotonic();
    wall_ahead_ = clock_->wall() - start_;
    probe_->start(start_);
    while (!is_over()) {
      wait();
      poll();
      TRY(tell_those_ready());
      if (request_.idle) TRY(request_.idle());
    }
    return summary();
  }

 private:
  // Makes no thread: each would keep its own copy of the rights that are given up after it.
  base::Status attach() {
    auto reasons = host::DropReasons::read(*files_);
    if (!reasons) reasons = host::DropReasons::read_from_tracefs(*files_);
    if (reasons) reasons_ = std::move(*reasons);
    auto attached =
        TRY(probes::drops::attach({.only = probes::drops::rung_of(request_.tracer),
                                   .samples_per_second = kSamplesPerSecond,
                                   .stream = true,
                                   .stacks_per_second = request_.stacks ? kStacksPerSecond : 0},
                                  reasons_));
    if (const auto blind = probes::drops::blind_spot(attached)) summary_.blind_spots = {*blind};
    summary_.rung = probes::drops::name(attached.rung);
    probe_ = std::move(attached.probe);
    if (auto asked = probes::names::symbols_from_kernel()) spare_symbols_ = std::move(*asked);
    return {};
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
    for (auto& told : probe_->told(symbols(), reasons_, [](const auto&) { return true; })) {
      namer_.want(told.place.netns, told.place.ifindex);
      namer_.want_owner(told.sample.socket_inode);
      waiting_.push_back({std::move(told), clock_->monotonic()});
    }
    namer_.look(clock_->monotonic());
  }

  base::Status tell_those_ready() {
    while (!waiting_.empty() && !nobody_wants_more_) {
      const auto& next = waiting_.front();
      const bool is_named = !namer_.is_pending(next.told.sample.socket_inode);
      if (!is_named && clock_->monotonic() - next.since < kLongestWait && !is_over()) break;
      if (request_.most_events && summary_.events_told >= *request_.most_events) break;
      TRY(tell(next.told));
      waiting_.pop_front();
    }
    return {};
  }

  base::Status tell(const probes::drops::Told& told) {
    auto event = event_of(told);
    if (!selection_.takes(event.place) || !selection_.takes(event.owner)) return {};
    shares_.add(event);
    ++summary_.events_told;
    if (request_.tell) nobody_wants_more_ = !TRY(request_.tell(event));
    return {};
  }

  model::TraceEvent event_of(const probes::drops::Told& told) {
    model::TraceEvent event{.at_wall_ns = (start_ + wall_ahead_).count() + told.sample.at_ns,
                            .place = place_of(told.place),
                            .cpu = told.sample.cpu,
                            .length_bytes = told.sample.length_bytes,
                            .flow = told.sample.flow,
                            .owner = namer_.owner(told.sample.socket_inode),
                            .cgroup = told.sample.cgroup,
                            .stack = told.sample.stack,
                            .bytes = bytes_of(told.sample.headers_hex),
                            .starts_at = told.starts_at};
    event.place.packets = told.packets;
    return event;
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
    if (request_.stacks) add_stacks();
    auto trace = probe_->finish(symbols(), reasons_, [](const auto&) { return true; });
    probe_.reset();
    if (!trace) {
      summary_.blind_spots.push_back(
          {.what = "the exact counts", .why = trace.error().what, .enable = trace.error().hint});
      return std::move(summary_);
    }
    for (const auto& tally : trace->tallies) namer_.want(tally.netns, tally.ifindex);
    namer_.look(clock_->monotonic() + std::chrono::seconds(1));
    add_places(*trace);
    shares_.tell(summary_);
    summary_.packets_without_line =
        summary_.packets - std::min(shares_.packets(), summary_.packets);
    summary_.outside_table = trace->outside_table;
    summary_.recursion_misses = trace->recursion_misses;
    summary_.cost = host::own_cost();
    return std::move(summary_);
  }

  // The same stack at several devices is one.
  void add_stacks() {
    constexpr double kNormal95 = 1.96;
    std::map<std::vector<std::string>, std::pair<std::uint64_t, std::uint64_t>> sums;
    for (auto& stack : probe_->stacks(symbols(), reasons_)) {
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

  const host::Symbols* symbols() {
    if (symbols_reading_.valid()) {
      auto read = symbols_reading_.get();
      if (read) {
        symbols_ = std::make_unique<host::Symbols>(std::move(*read));
      } else if (spare_symbols_) {
        symbols_ = std::make_unique<host::Symbols>(std::move(*spare_symbols_));
      }
    }
    return symbols_.get();
  }

  struct Waiting {
    probes::drops::Told told;
    nanoseconds since;
  };

  const TraceRequest& request_;
  Selection selection_;
  std::unique_ptr<base::Files> files_;
  std::unique_ptr<base::Clock> clock_;
  Namer namer_;
  host::DropReasons reasons_;
  std::unique_ptr<probes::drops::Probe> probe_;
  std::future<base::Result<host::Symbols>> symbols_reading_;
  std::optional<host::Symbols> spare_symbols_;
  std::unique_ptr<host::Symbols> symbols_;
  std::deque<Waiting> waiting_;
  EventShares shares_;
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
