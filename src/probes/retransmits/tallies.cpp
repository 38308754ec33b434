#include "probes/retransmits/tallies.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace probes::retransmits {
namespace {

// What user space keeps is bounded whatever the host does: about 1.5 MB of each kind.
constexpr std::size_t kMostSamples = 4096;

constexpr int kFamilyIpv6 = 10;

static_assert(sizeof(wire::RetransmitKey) == 16);
static_assert(sizeof(wire::RetransmitFlow) == 176);
static_assert(sizeof(wire::ResetKey) == 12);
static_assert(sizeof(wire::RetransmitBooks) == 56);
static_assert(sizeof(wire::RetransmitHead) == 88);
static_assert(sizeof(wire::RetransmitSample) == 344);
static_assert(sizeof(wire::ResetSample) == 288);
static_assert(sizeof(wire::SocketNow) == 48);
static_assert(wire::kRetransmitKinds == model::kRetransmissionKinds);
static_assert(wire::kRetransmitUnseen == int{model::kRetransmissionKinds} - 1);

// By number, as enum tcp_states of the kernel has them; the last is a request.
constexpr auto kStates = std::to_array<std::string_view>(
    {"", "established", "syn-sent", "syn-received", "fin-wait-1", "fin-wait-2", "time-wait",
     "close", "close-wait", "last-ack", "listen", "closing", "syn-received"});
constexpr auto kCongestionStates =
    std::to_array<std::string_view>({"open", "disorder", "cwr", "recovery", "loss"});

template <std::size_t kCount>
std::string name_at(const std::array<std::string_view, kCount>& names, std::size_t number) {
  return number < kCount ? std::string(names[number]) : fmt::format("state-{}", number);
}

// "" where every byte is 0: a listener's remote end.
std::string address_text(int family, const __u8* bytes) {
  const std::size_t length = family == kFamilyIpv6 ? 16 : 4;
  if (std::all_of(bytes, bytes + length, [](__u8 byte) { return byte == 0; })) return "";
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family == kFamilyIpv6 ? AF_INET6 : AF_INET, bytes, text, sizeof text);
  return text;
}

// A listener on all addresses has one that is all 0.
std::string local_text(int family, const __u8* bytes) {
  const std::string text = address_text(family, bytes);
  if (!text.empty()) return text;
  return family == kFamilyIpv6 ? "::" : "0.0.0.0";
}

model::Inode netns_text(std::uint32_t inode, const Names& names) {
  if (inode == 0) return "";
  const model::Inode text = std::to_string(inode);
  return names.known_netns && names.known_netns(text) ? text : "";
}

void sort_samples(model::Retransmissions& result) {
  const auto when = [](const auto& sample) { return sample.moment.at_ns; };
  std::ranges::stable_sort(result.samples, {}, when);
  std::ranges::stable_sort(result.reset_samples, {}, when);
}

std::string reason_text(std::uint32_t reason, const Names& names) {
  if (names.reset_reasons == nullptr || names.reset_reasons->empty()) return "";
  const auto found = names.reset_reasons->find(reason);
  return found != names.reset_reasons->end() ? found->second : fmt::format("reason-{}", reason);
}

std::uint32_t microseconds(std::uint64_t jiffies, std::uint32_t jiffies_per_second) {
  if (jiffies_per_second == 0) return 0;
  return static_cast<std::uint32_t>(jiffies * 1'000'000 / jiffies_per_second);
}

}  // namespace

Tallies::FlowId Tallies::id_of(const wire::RetransmitKey& key) {
  return {key.identity, key.netns, key.local_port, key.remote_port};
}

Tallies::ResetId Tallies::id_of(const wire::ResetKey& key) {
  return {key.netns, key.reason, key.sent, key.state};
}

bool Tallies::is_of_window(const Flow& flow) {
  return flow.now.events != flow.at_start.events ||
         flow.now.segments[wire::kRetransmitUnseen] !=
             flow.at_start.segments[wire::kRetransmitUnseen];
}

void Tallies::start(const Reading& reading, std::chrono::nanoseconds monotonic_now) {
  *this = {};
  start_ns_ = monotonic_now.count();
  at_start_ = now_ = reading.books;
  for (const auto& [key, flow] : reading.flows) flows_[id_of(key)] = {key, flow, flow};
  for (const auto& [key, resets] : reading.resets) resets_[id_of(key)] = {resets, resets};
}

void Tallies::take(const wire::RetransmitSample& sample) {
  if (static_cast<std::int64_t>(sample.head.time_ns) < start_ns_) return;
  if (samples_.size() >= kMostSamples) {
    ++samples_refused_;
    return;
  }
  samples_.push_back(sample);
}

void Tallies::take(const wire::ResetSample& sample) {
  if (static_cast<std::int64_t>(sample.head.time_ns) < start_ns_) return;
  if (reset_samples_.size() >= kMostSamples) {
    ++samples_refused_;
    return;
  }
  reset_samples_.push_back(sample);
}

void Tallies::read(const Reading& reading) {
  for (const auto& [key, flow] : reading.flows) {
    Flow& known = flows_[id_of(key)];
    known.key = key;
    known.now = flow;
  }
  for (const auto& [key, resets] : reading.resets) resets_[id_of(key)].now = resets;
  now_ = reading.books;
  const std::uint64_t segments = now_.segments - at_start_.segments;
  series_.push_back(segments - segments_);
  segments_ = segments;
}

std::vector<FlowRow> Tallies::open_flows() const {
  std::vector<FlowRow> open;
  for (const auto& [id, flow] : flows_) {
    if (flow.now.anchored != 0 && is_of_window(flow)) open.emplace_back(flow.key, flow.now);
  }
  return open;
}

void Tallies::close(const wire::RetransmitKey& key, const wire::RetransmitFlow& now) {
  const auto found = flows_.find(id_of(key));
  if (found == flows_.end()) return;
  found->second.now.dsacks = now.dsacks;
  found->second.now.closed = 1;
}

void Tallies::look_last(const wire::RetransmitKey& key, const wire::RetransmitFlow& now,
                        const wire::SocketNow& socket) {
  const auto found = flows_.find(id_of(key));
  if (found == flows_.end()) return;
  wire::RetransmitFlow& flow = found->second.now;
  const auto duplicates = static_cast<std::int32_t>(socket.dsacks - flow.dsacks);
  if (duplicates > 0) flow.dsacks = socket.dsacks;
  if (flow.cookie == 0) flow.cookie = socket.cookie;  // somebody asked for it meanwhile
  const auto unseen = static_cast<std::int32_t>(socket.total - now.total);
  if (unseen <= 0) return;
  flow.segments[wire::kRetransmitUnseen] += static_cast<std::uint32_t>(unseen);
  if (socket.failures_are_silent != 0) flow.refused += static_cast<std::uint32_t>(unseen);
  flow.total = socket.total;
}

std::uint64_t Tallies::outside_segments() const {
  return now_.outside_segments - at_start_.outside_segments;
}

model::RetransmittingFlow Tallies::told(const Flow& flow, const Names& names) const {
  const auto& now = flow.now;
  const auto& before = flow.at_start;
  const std::uint32_t dsacks_before = before.events != 0 ? before.dsacks : now.dsacks_at_first;
  model::RetransmittingFlow told;
  told.netns = netns_text(flow.key.netns, names);
  told.family = now.family == kFamilyIpv6 ? 6 : 4;
  told.local = local_text(now.family, now.ends.local);
  told.local_port = flow.key.local_port;
  told.remote = address_text(now.family, now.ends.remote);
  told.remote_port = flow.key.remote_port;
  told.cookie = now.cookie;
  told.cgroup = now.cgroup;
  for (std::size_t kind = 0; kind < told.segments.size(); ++kind) {
    told.segments[kind] = now.segments[kind] - before.segments[kind];
  }
  told.events = now.events - before.events;
  told.uncounted = now.uncounted - before.uncounted;
  told.refused = now.refused - before.refused;
  told.duplicates = now.dsacks >= dsacks_before ? now.dsacks - dsacks_before : 0;
  told.total = now.total;
  told.first_ns = static_cast<std::int64_t>(now.first_ns) - start_ns_;
  told.last_ns = static_cast<std::int64_t>(now.last_ns) - start_ns_;
  told.closed = now.closed != 0;
  return told;
}

void Tallies::add_flows(model::Retransmissions& result, const Names& names,
                        std::map<FlowId, std::uint32_t>& places) const {
  std::vector<std::pair<model::RetransmittingFlow, FlowId>> found;
  for (const auto& [id, flow] : flows_) {
    if (is_of_window(flow)) found.emplace_back(told(flow, names), id);
  }
  std::ranges::sort(found, [](const auto& left, const auto& right) {
    const auto left_segments = segments_of(left.first);
    const auto right_segments = segments_of(right.first);
    if (left_segments != right_segments) return left_segments > right_segments;
    return left.second < right.second;
  });
  for (auto& [flow, id] : found) {
    places[id] = static_cast<std::uint32_t>(result.flows.size());
    result.flows.push_back(std::move(flow));
  }
}

void Tallies::add_resets(model::Retransmissions& result, const Names& names) const {
  std::map<std::tuple<model::Inode, bool, std::string, std::string>, std::uint64_t> sums;
  for (const auto& [id, reset] : resets_) {
    if (reset.now == reset.at_start) continue;
    const auto& [netns, reason, sent, state] = id;
    const std::string why = sent != 0 ? reason_text(reason, names) : "";
    sums[{netns_text(netns, names), sent != 0, why, name_at(kStates, state)}] +=
        reset.now - reset.at_start;
  }
  for (const auto& [key, resets] : sums) {
    const auto& [netns, sent, reason, state] = key;
    result.resets.push_back(
        {.netns = netns, .sent = sent, .reason = reason, .state = state, .resets = resets});
  }
  std::ranges::stable_sort(result.resets, std::ranges::greater(), &model::ResetTally::resets);
}

model::TcpMoment Tallies::moment(const wire::RetransmitHead& head, std::span<const __u64> stack,
                                 const Names& names) const {
  model::TcpMoment moment;
  moment.at_ns = static_cast<std::int64_t>(head.time_ns) - start_ns_;
  moment.cpu = head.cpu;
  moment.netns = netns_text(head.netns, names);
  moment.family = head.family == kFamilyIpv6 ? 6 : 4;
  moment.local = local_text(head.family, head.ends.local);
  moment.local_port = head.local_port;
  moment.remote = address_text(head.family, head.ends.remote);
  moment.remote_port = head.remote_port;
  moment.state = name_at(kStates, head.state);
  moment.cookie = head.cookie;
  moment.inode = head.inode;
  moment.cgroup = head.cgroup;
  const auto frames = std::min<std::size_t>(head.frames, wire::kRetransmitFrames);
  for (const std::uint64_t address : stack.first(frames)) {
    const auto symbol = names.symbols != nullptr
                            ? names.symbols->at(address)
                            : host::Symbol{.name = fmt::format("0x{:x}", address)};
    moment.stack.push_back(location_text(symbol));
  }
  return moment;
}

model::RetransmissionSample Tallies::story(const wire::RetransmitSample& sample, const Names& names,
                                           std::uint32_t jiffies_per_second) const {
  model::RetransmissionSample told;
  told.moment = moment(sample.head, sample.stack, names);
  told.kind = static_cast<model::RetransmissionKind>(sample.kind);
  told.segments = sample.segments;
  told.error = sample.error;
  told.tcp_flags = sample.flags;
  if (told.kind != model::RetransmissionKind::kSynAck) {
    told.congestion_state = name_at(kCongestionStates, sample.congestion_state);
  }
  told.sequence = sample.sequence;
  told.length_bytes = sample.length;
  told.acknowledges = sample.acknowledges;
  told.rtt_us = sample.srtt_us;
  told.rto_us = microseconds(sample.rto_jiffies, jiffies_per_second);
  told.backoff = sample.backoff;
  told.in_flight = sample.packets_out;
  told.retransmitted_now = sample.retrans_out;
  told.lost = sample.lost_out;
  told.sacked = sample.sacked_out;
  told.cwnd = sample.cwnd;
  told.ssthresh = sample.ssthresh;
  told.send_window = sample.send_window;
  told.total = sample.total;
  return told;
}

model::ResetSample Tallies::story(const wire::ResetSample& sample, const Names& names) const {
  return {.moment = moment(sample.head, sample.stack, names),
          .sent = sample.sent != 0,
          .reason = sample.sent != 0 ? reason_text(sample.reason, names) : ""};
}

void Tallies::add_samples(model::Retransmissions& result, const Names& names,
                          const std::map<FlowId, std::uint32_t>& places,
                          std::uint32_t jiffies_per_second) const {
  for (const wire::RetransmitSample& sample : samples_) {
    const auto& head = sample.head;
    auto place = places.find({head.identity, head.netns, head.local_port, head.remote_port});
    // A SYN-ACK's ends are those of the request; its flow is the listener's.
    if (place == places.end()) {
      place = places.find({head.identity, head.netns, head.local_port, 0});
    }
    if (place == places.end() || sample.kind >= wire::kRetransmitKinds) continue;
    result.samples.push_back(story(sample, names, jiffies_per_second));
    result.samples.back().flow = place->second;
  }
  for (const wire::ResetSample& sample : reset_samples_) {
    result.reset_samples.push_back(story(sample, names));
  }
  sort_samples(result);
}

model::Retransmissions Tallies::take_samples(const Names& names, std::uint32_t jiffies_per_second) {
  model::Retransmissions result;
  for (const wire::RetransmitSample& sample : samples_) {
    if (sample.kind >= wire::kRetransmitKinds) continue;
    result.samples.push_back(story(sample, names, jiffies_per_second));
  }
  for (const wire::ResetSample& sample : reset_samples_) {
    result.reset_samples.push_back(story(sample, names));
  }
  samples_.clear();
  reset_samples_.clear();
  sort_samples(result);
  return result;
}

model::Retransmissions Tallies::result(const Names& names, std::uint32_t jiffies_per_second) const {
  model::Retransmissions result;
  std::map<FlowId, std::uint32_t> places;
  result.traced = true;
  add_flows(result, names, places);
  add_resets(result, names);
  add_samples(result, names, places, jiffies_per_second);
  result.series = series_;
  result.outside_events = now_.outside_events - at_start_.outside_events;
  result.outside_segments = outside_segments();
  result.outside_resets = now_.outside_resets - at_start_.outside_resets;
  result.samples_left_out = now_.samples_left_out - at_start_.samples_left_out + samples_refused_;
  return result;
}

}  // namespace probes::retransmits
