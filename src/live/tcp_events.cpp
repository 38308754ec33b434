#include "live/tcp_events.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "live/made_up.h"

namespace live {
namespace {

using model::RetransmissionKind;
using model::TraceEvent;

std::string_view words_of(RetransmissionKind kind) {
  switch (kind) {
    case RetransmissionKind::kSyn:
      return "SYN sent again: the connection is not answered";
    case RetransmissionKind::kSynAck:
      return "SYN-ACK sent again: the connection is not confirmed";
    case RetransmissionKind::kLossProbe:
      return "tail-loss probe: the last segment again, to provoke an answer";
    case RetransmissionKind::kTimeout:
      return "sent again after a timeout";
    case RetransmissionKind::kLoss:
      return "sent again in the recovery from a timeout";
    case RetransmissionKind::kFast:
      return "sent again at once: acknowledgements told of a hole";
    case RetransmissionKind::kOther:
    case RetransmissionKind::kUnseen:
      break;
  }
  return "sent again";
}

TcpFields fields_of(const model::TcpMoment& moment) {
  return {.family = moment.family,
          .source = moment.local,
          .source_port = moment.local_port,
          .destination = moment.remote,
          .destination_port = moment.remote_port};
}

// The headers as a capture file gets them: from IP on.
void put_headers(const TcpFields& fields, TraceEvent& event) {
  const auto headers = made_up_headers(fields);
  if (headers.empty()) return;
  event.bytes.assign(headers.begin() + kEthernetBytes, headers.end());
  event.starts_at = model::HeaderStart::kNetwork;
  event.headers_made_up = true;
}

TraceEvent framed(const model::TcpMoment& moment) {
  TraceEvent event{.at_wall_ns = moment.at_ns, .cpu = moment.cpu, .cgroup = moment.cgroup};
  event.place.netns = moment.netns;
  event.place.packets = 1;
  event.flow =
      model::Flow{"tcp", moment.local, moment.local_port, moment.remote, moment.remote_port};
  event.stack = moment.stack;
  return event;
}

std::string time_text(std::uint32_t microseconds) {
  return fmt::format("{:.4g} ms", microseconds / 1000.0);
}

std::string detail_of(const model::RetransmissionSample& sample) {
  auto text = sample.moment.state;
  if (!sample.congestion_state.empty()) text += ", " + sample.congestion_state;
  constexpr std::uint8_t kSyn = 0x02;
  if (sample.length_bytes > 0 && (sample.tcp_flags & kSyn) == 0) {
    text += fmt::format(" · {} bytes at {}", sample.length_bytes, sample.sequence);
  }
  if (sample.rtt_us > 0) text += " · RTT " + time_text(sample.rtt_us);
  if (sample.rto_us > 0) text += " · RTO " + time_text(sample.rto_us);
  if (sample.backoff > 0) text += fmt::format(", backed off {} times", sample.backoff);
  if (sample.in_flight > 0) {
    text += fmt::format(" · {} in flight, {} lost, {} sacked, window {}", sample.in_flight,
                        sample.lost, sample.sacked, sample.cwnd);
  }
  if (sample.total > 0) text += fmt::format(" · {} since it was opened", sample.total);
  if (sample.error != 0) text += fmt::format(" · did not leave this host ({})", sample.error);
  return text;
}

model::TracedShare share(std::vector<std::string> what, const model::Inode& netns,
                         std::uint64_t packets) {
  return {
      .what = std::move(what), .netns = netns, .netns_name = "", .packets = packets, .error = 0};
}

void sort(std::vector<model::TracedShare>& rows) {
  std::ranges::stable_sort(rows, std::greater(), &model::TracedShare::packets);
}

}  // namespace

TraceEvent event_of(const model::RetransmissionSample& sample) {
  auto event = framed(sample.moment);
  event.kind = model::EventKind::kRetransmission;
  event.place.account = "tcp.retransmissions";
  event.place.stage = model::Stage::kTcp;
  event.place.direction = model::Direction::kSend;
  event.place.reason = model::name(sample.kind);
  event.place.packets = sample.segments;
  event.length_bytes = sample.length_bytes;
  event.what = words_of(sample.kind);
  event.detail = detail_of(sample);
  auto fields = fields_of(sample.moment);
  fields.sequence = sample.sequence;
  fields.acknowledges = sample.acknowledges;
  fields.flags = sample.tcp_flags;
  fields.payload_bytes = sample.length_bytes;
  put_headers(fields, event);
  return event;
}

TraceEvent event_of(const model::ResetSample& sample) {
  auto event = framed(sample.moment);
  event.kind = model::EventKind::kReset;
  event.place.account = "tcp.resets";
  event.place.stage = model::Stage::kTransport;
  event.place.direction = sample.sent ? model::Direction::kSend : model::Direction::kReceive;
  event.place.reason = sample.reason;
  event.what = sample.sent ? "reset sent" : "reset received";
  constexpr std::uint8_t kReset = 0x04;
  auto fields = fields_of(sample.moment);
  fields.flags = kReset;
  if (!sample.sent) {
    std::swap(fields.source, fields.destination);
    std::swap(fields.source_port, fields.destination_port);
  }
  put_headers(fields, event);
  event.detail =
      sample.moment.state.empty() ? "no socket" : "the socket was " + sample.moment.state;
  return event;
}

TraceEvent event_of(const model::RetransmittingFlow& flow) {
  TraceEvent event{.kind = model::EventKind::kRetransmission};
  put_headers({.family = flow.family,
               .source = flow.local,
               .source_port = flow.local_port,
               .destination = flow.remote,
               .destination_port = flow.remote_port},
              event);
  return event;
}

void add_sums(const model::Retransmissions& counted, model::TraceSummary& summary) {
  std::array<std::uint64_t, model::kRetransmissionKinds> kinds{};
  for (const auto& flow : counted.flows) {
    const auto segments = model::segments_of(flow);
    if (segments == 0) continue;
    summary.retransmitted += segments;
    summary.retransmitting.push_back(share({"tcp", flow.local, std::to_string(flow.local_port),
                                            flow.remote, std::to_string(flow.remote_port)},
                                           flow.netns, segments));
    for (std::size_t at = 0; at < kinds.size(); ++at) kinds[at] += flow.segments[at];
  }
  for (std::size_t at = 0; at < kinds.size(); ++at) {
    if (kinds[at] == 0) continue;
    const auto kind = static_cast<RetransmissionKind>(at);
    summary.retransmission_kinds.push_back(share({std::string(model::name(kind))}, "", kinds[at]));
  }
  for (const auto& reset : counted.resets) {
    summary.resets.push_back(share({reset.sent ? "sent" : "received", reset.reason, reset.state},
                                   reset.netns, reset.resets));
  }
  sort(summary.retransmitting);
  sort(summary.retransmission_kinds);
  sort(summary.resets);
  summary.retransmitted_outside = counted.outside_segments;
}

}  // namespace live
