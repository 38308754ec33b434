// A window over the host, told in order: attach, look at everything, then a point every 100 ms,
// look at everything again, detach, put it together.
//
// Tallies are read before counters, at the start as at the end, so that both witnesses are late by
// the same few hundred microseconds; what is left is the skew, and the ledger allows for it.

#include "observe/observe.h"

#include <algorithm>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/files.h"
#include "host/grant.h"
#include "host/identity.h"
#include "host/own_cost.h"
#include "host/owners.h"
#include "observe/assemble.h"
#include "observe/inquiry.h"
#include "observe/looker.h"
#include "observe/poll_counts.h"
#include "observe/socket_table.h"
#include "probes/drops/drops.h"
#include "probes/names/symbol_reader.h"
#include "sources/link.h"

namespace observe {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr auto kPointInterval = milliseconds(100);
// A point may cost this share of its interval; on a host where it costs more, points are rarer.
constexpr int kCheapShare = 10;
constexpr auto kNamespaceRefresh = std::chrono::seconds(1);
constexpr auto kQuestionInterval = milliseconds(300);

class Observation {
 public:
  explicit Observation(const Request& request)
      : request_(request),
        files_(base::system_files()),
        clock_(base::system_clock()),
        looker_(*files_),
        inquiry_(*files_, looker_, sockets_) {
    if (request_.inventory) looker_.include_inventory();
  }

  base::Result<model::Evidence> run() {
    cpu_at_start_ms_ = host::own_cost().cpu_ms;
    evidence_.window.interface = request_.interface;
    standing_ = TRY(host::read_standing(*files_));
    attach();
    if (request_.attached) TRY(request_.attached());
    symbols_.start(*files_);
    if (!tells_namespaces_) looker_.include_hidden();
    TRY(looker_.refresh_namespaces());
    const auto selected =
        TRY(host::resolve_selectors(*files_, looker_.namespaces(), request_.netns));
    TRY(check_interface());
    begin();
    while (!is_over()) {
      wait_for_next_point();
      point();
    }
    end();
    finish(selected);
    return std::move(evidence_);
  }

 private:
  // ── before the window ──

  base::Status check_interface() {
    if (request_.interface.empty()) return {};
    const auto link = std::ranges::find(sources::all_sources(), "link", &sources::Source::name);
    for (const auto& place : looker_.namespaces()) {
      const auto look = looker_.look_into(place.id, (*link)->read);
      const bool there = std::ranges::any_of(
          look.devices, [&](const auto& device) { return device.name == request_.interface; });
      if (there) return {};
    }
    return base::failure("interface '" + request_.interface + "' does not exist",
                         "`ip link` lists those of this namespace");
  }

  // Makes no thread: each would keep its own copy of the rights that are given up after it.
  void attach() {
    if (request_.tracer == "none") return note_blind_drops({"not asked for", ""});
    auto reasons = host::DropReasons::read(*files_);
    if (!reasons) reasons = host::DropReasons::read_from_tracefs(*files_);
    if (reasons) reasons_ = std::move(*reasons);
    const auto only = probes::drops::rung_of(request_.tracer);
    auto attached = probes::drops::attach({.only = only}, reasons_);
    if (!attached) return note_blind_drops(attached.error());
    probe_ = std::move(attached->probe);
    symbols_.ask_kernel();
    const auto blind = probes::drops::blind_spot(*attached);
    if (blind) evidence_.blind_spots.push_back(*blind);
    tells_namespaces_ = attached->rung == probes::drops::Rung::kBtf;
    polls_ = PollCounts(std::move(attached->polls));
    // The drop monitor names functions and reasons itself.
    names_itself_ = attached->rung == probes::drops::Rung::kDropMonitor;
    if (names_itself_) return;
    if (!reasons) {
      note_missing_reasons(reasons.error());
    } else if (!reasons_.kernel_has_reasons()) {
      note_missing_reasons({"this kernel gives none: they came with 5.17", "a newer kernel"});
    }
  }

  // The place still tells most of it; what it cannot tell apart is in the tables.
  void note_missing_reasons(const base::Error& why) {
    evidence_.blind_spots.push_back({.what = "the kernel's reason for each drop",
                                     .why = why.what,
                                     .enable = why.hint,
                                     .stages = {}});
  }

  // Without the trace, drops that have no counter cannot be seen at these stages.
  void note_blind_drops(const base::Error& why) {
    using model::Stage;
    evidence_.blind_spots.push_back(
        {.what = "the place and reason of each drop",
         .why = why.what,
         .enable = why.hint,
         .stages = {Stage::kXdp, Stage::kTcIngress, Stage::kNetfilter, Stage::kIp,
                    Stage::kNeighbour, Stage::kNetfilterOut}});
  }

  void begin() {
    start_ = clock_->monotonic();
    evidence_.window.start_wall_ns = clock_->wall().count();
    if (probe_) {
      probe_->start(start_);
      evidence_.drops.other_tracers = probes::drops::other_tracers();
    }
    const auto look = looker_.look(Depth::kStart);
    note_skew(start_, look);
    add_point(look, nanoseconds(0));
    sockets_.start(look.all.sockets);
    first_devices_ = look.all.devices;
    set_devices(look.all);
    polls_.add(0, evidence_);
    evidence_.settings = look.all.settings;
    collect(look.all);
    next_point_ = start_ + kPointInterval;
    next_refresh_ = start_ + kNamespaceRefresh;
    next_question_ = start_ + kQuestionInterval;
    if (request_.started) request_.started();
  }

  // ── inside the window ──

  [[nodiscard]] nanoseconds elapsed() const { return clock_->monotonic() - start_; }

  [[nodiscard]] bool is_over() {
    const bool stopped = request_.stop != nullptr && request_.stop->load();
    evidence_.window.interrupted = stopped;
    return stopped || elapsed() >= request_.duration;
  }

  // Sleeps in short pieces, so that a stop is heard at once.
  void wait_for_next_point() {
    const auto until = std::min(next_point_, start_ + request_.duration);
    while (clock_->monotonic() < until) {
      if (request_.stop != nullptr && request_.stop->load()) return;
      const auto left = until - clock_->monotonic();
      std::this_thread::sleep_for(std::min<nanoseconds>(left, milliseconds(20)));
    }
  }

  void point() {
    const auto began = clock_->monotonic();
    if (began - start_ + kPointInterval / 2 >= request_.duration) return;  // the end looks itself
    refresh();
    if (probe_) traced_ = probe_->poll();
    const auto look = looker_.look(Depth::kPoint);
    const auto index = add_point(look, began - start_);
    inquiry_.watch(index, evidence_.timeline);
    collect(look.all);
    ask(began);
    if (request_.progress) {
      request_.progress({elapsed(), request_.duration, traced_.packets, probe_ != nullptr});
    }
    const auto cost = clock_->monotonic() - began;
    next_point_ = began + std::max<nanoseconds>(kPointInterval, cost * kCheapShare);
  }

  void refresh() {
    if (clock_->monotonic() < next_refresh_) return;
    next_refresh_ += kNamespaceRefresh;
    // A listing that fails now leaves the namespaces known so far.
    (void)looker_.refresh_namespaces();
  }

  // The dear evidence is asked for as soon as it is worth it: processes exit.
  void ask(nanoseconds now) {
    if (now < next_question_) return;
    next_question_ = now + kQuestionInterval;
    ask_all();
  }

  void ask_all() {
    if (!request_.questions) return;
    if (probe_ && can_book()) {
      evidence_.drops = with_tracers(probe_->so_far(symbols_.get(), reasons_, known_netns()));
    }
    evidence_.netns = netns_rows(looker_.seen(), {});
    for (const auto& question : request_.questions(evidence_)) {
      collect(inquiry_.answer(question, evidence_));
    }
  }

  // ── after the window ──

  void end() {
    if (probe_) traced_ = probe_->poll();
    const auto read_at = clock_->monotonic();
    const auto look = looker_.look(Depth::kEnd);
    note_skew(read_at, look);
    evidence_.window.duration_ns = (read_at - start_).count();
    const auto index = add_point(look, read_at - start_);
    sockets_.finish(look.all.sockets);
    inquiry_.note_queues(index, evidence_.timeline);
    sockets_.name_owners(*files_);
    set_devices(look.all);
    polls_.add(index, evidence_);
    for (const auto& [id, value] : look.all.settings) evidence_.settings[id] = value;
    collect(look.all);
    inquiry_.forget_neighbours(evidence_);  // their states move within seconds
    ask_all();                              // about what was lost since it was last asked
  }

  void set_devices(const sources::Look& look) {
    evidence_.devices = merged_devices(first_devices_, look.devices);
    set_addresses(look.addresses, evidence_.devices);
    sources::resolve_peers(evidence_.devices, {});
    const auto ends = inquiry_.ends_of_look_alikes(evidence_.devices);
    if (!ends.empty()) sources::resolve_peers(evidence_.devices, ends);
  }

  // Drops at places without names cannot be booked: each would stand beside the counter that
  // counted it. Only 5.10 to 5.12 without kallsyms are so.
  bool can_book() { return names_itself_ || symbols_.get() != nullptr; }

  void take_trace() {
    if (!can_book()) {
      return note_blind_drops({"the kernel functions that dropped have no names", "CAP_SYSLOG"});
    }
    auto trace = probe_->finish(symbols_.get(), reasons_, known_netns());
    if (!trace) return note_blind_drops(trace.error());
    evidence_.window.traced_ns = evidence_.window.duration_ns;
    evidence_.drops = with_tracers(std::move(*trace));
  }

  void finish(const std::set<model::Inode>& selected) {
    polls_ = {};
    if (probe_) {
      take_trace();
      probe_.reset();
    }
    evidence_.version = WHYDROP_VERSION;
    evidence_.host = host::read_identity(*files_);
    evidence_.netns = netns_rows(looker_.seen(), selected);
    evidence_.sockets = sockets_.rows();
    std::ranges::move(inquiry_.tcp_sockets(), std::back_inserter(evidence_.sockets));
    evidence_.kernel_messages = messages_inside(messages_, boot_time_at_start());
    add_trace_blind_spots(evidence_);
    note_missing_rights(selected);
    evidence_.grant = host::grant_for(standing_, evidence_.blind_spots);
    evidence_.cost = host::own_cost();
    evidence_.cost.cpu_ms -= cpu_at_start_ms_;
  }

  void note_missing_rights(const std::set<model::Inode>& selected) {
    add_blind_spots(looker_.closed_namespaces(selected), evidence_);
    if (!looker_.is_complete()) {
      evidence_.blind_spots.push_back(unlisted_namespaces(!evidence_.drops.rung.empty()));
    }
    const auto ownerless = sockets_.missing_owners(standing_.held);
    if (ownerless) evidence_.blind_spots.push_back(*ownerless);
  }

  // ── small parts ──

  // /dev/kmsg counts from boot, as CLOCK_MONOTONIC does (both stand still in suspend).
  [[nodiscard]] double boot_time_at_start() const {
    return static_cast<double>(start_.count()) / 1e9;
  }

  void note_skew(nanoseconds tallies_read, const HostLook& look) {
    const auto skew = look.points_read_ns - tallies_read.count();
    evidence_.window.skew_ns = std::max<std::int64_t>(evidence_.window.skew_ns, skew);
  }

  std::uint32_t add_point(const HostLook& look, nanoseconds since_start) {
    const auto index = evidence_.timeline.add_point(since_start.count());
    evidence_.timeline.add(index, look.all.counters, look.all.gauges);
    return index;
  }

  void collect(const sources::Look& look) {
    add_blind_spots(look.blind_spots, evidence_);
    for (const auto& message : look.messages) messages_.push_back(message);
  }

  std::function<bool(const model::Inode&)> known_netns() const {
    return [this](const model::Inode& id) {
      return std::ranges::find(looker_.seen(), id, &host::Namespace::id) != looker_.seen().end();
    };
  }

  model::DropTrace with_tracers(model::DropTrace trace) const {
    trace.other_tracers = evidence_.drops.other_tracers;
    return trace;
  }

  const Request& request_;
  std::unique_ptr<base::Files> files_;
  std::unique_ptr<base::Clock> clock_;
  host::Standing standing_;  // at the start
  Looker looker_;
  SocketTable sockets_;
  Inquiry inquiry_;
  std::unique_ptr<probes::drops::Probe> probe_;
  PollCounts polls_;
  probes::names::SymbolReader symbols_;
  bool tells_namespaces_ = false;  // the trace does
  bool names_itself_ = false;      // the trace does
  host::DropReasons reasons_;
  model::Evidence evidence_;
  std::vector<model::Device> first_devices_;
  std::vector<model::KernelMessage> messages_;
  probes::drops::Totals traced_;
  nanoseconds start_{0};
  nanoseconds next_point_{0};
  nanoseconds next_refresh_{0};
  nanoseconds next_question_{0};
  double cpu_at_start_ms_ = 0;
};

}  // namespace

base::Result<model::Evidence> observe(const Request& request) {
  return Observation(request).run();
}

}  // namespace observe
