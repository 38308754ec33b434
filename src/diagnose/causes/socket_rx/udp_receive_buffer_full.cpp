// udp.receive-buffer-full: the receive buffer of a UDP socket was full, so the kernel dropped what
// came (SOCKET_RCVBUFF at udp_queue_rcv_one_skb; Udp RcvbufErrors; the socket's own drop counter).
//
// Why it was full has three answers with three different cures, told apart by how the queue moves:
//
//   app.slow-reader      the queue never drains: more comes than is read. A bigger buffer only
//                        delays the loss, by (limit - buffer) / excess seconds, so none is
//                        proposed.
//   config.buffer-limit  the queue drains between bursts, and a burst is larger than the buffer,
//                        which may grow: SO_RCVBUF = buffer + truesize dropped in the largest
//                        burst, with headroom. What was dropped is just what was missing, because
//                        all that was read or held during the burst had its room already.
//   load.burst           the same, but the burst is larger than rmem_max lets any socket hold.
//
// The kernel charges a datagram by its truesize (about 768 bytes for the smallest), not its
// payload, and doubles the value given to SO_RCVBUF (net/core/sock.c: __sock_set_rcvbuf), up to 2 x
// rmem_max.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/bursts.h"
#include "diagnose/cause.h"
#include "diagnose/reader.h"
#include "diagnose/remedies.h"
#include "diagnose/sockets.h"

namespace diagnose::causes {
namespace {

using base::bytes_text;
using base::grouped;
using model::Confidence;
using model::Question;

constexpr std::array kNeeds = {Question::Kind::kOwners, Question::Kind::kWatchQueues};

// Everything the three answers are told apart by.
struct Facts {
  const Case& one;
  BurstShape shape;
  Reader reader;
  std::uint64_t buffer_bytes = 0;         // sk_rcvbuf
  std::optional<std::uint64_t> rmem_max;  // what SO_RCVBUF may ask for
  std::uint64_t needed_bytes = 0;         // sk_rcvbuf that would have held the largest burst
  std::uint64_t proposed_option = 0;      // value for SO_RCVBUF

  [[nodiscard]] std::uint64_t limit_bytes() const { return 2 * rmem_max.value_or(0); }
  // No UDP socket of the namespace was read in the window.
  [[nodiscard]] bool nobody_read() const { return reader.read_per_second == 0.0; }
  // Whether a size can be worked out.
  [[nodiscard]] bool can_size() const { return shape.has_truesize() && buffer_bytes > 0; }
};

std::uint64_t rounded_up(double bytes, std::uint64_t unit) {
  return static_cast<std::uint64_t>(std::ceil(bytes / static_cast<double>(unit))) * unit;
}

std::optional<std::uint64_t> host_setting(const Case& one, std::string_view name) {
  return model::number_setting(one.evidence, model::counter_id(name, {{"shared", "host"}}));
}

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .shape = burst_shape(one.evidence, one.booked)};
  facts.reader = reader_of(one.evidence, one.account().at.netns, one.booked.port, facts.shape);
  facts.buffer_bytes = facts.reader.buffer_bytes;
  facts.rmem_max = host_setting(one, "sysctl.net.core.rmem_max");
  if (!facts.can_size()) return facts;
  // Bursts that run into each other have no end to size for: what a reader misses in 100 ms is.
  const bool steady = facts.shape.active_share >= one.evidence.thresholds.steady_slot_share &&
                      facts.shape.span_s > kTellingSpan;
  const auto missing =
      steady ? facts.shape.window_truesize_bytes : facts.shape.largest_truesize_bytes;
  facts.needed_bytes = facts.buffer_bytes + missing;
  const double with_room =
      static_cast<double>(facts.needed_bytes) * one.evidence.thresholds.headroom;
  facts.proposed_option = rounded_up(with_room / 2, 4096);
  return facts;
}

// Nothing where the reader keeps up, or may, and the size of the bursts is not known.
std::optional<model::Root> root_of(const Facts& facts) {
  const auto& limits = facts.one.evidence.thresholds;
  const auto& reader = facts.reader;
  if (reader.watched) {
    if (reader.emptiest_share >= limits.standing_queue_share) {
      return model::Root{"app.slow-reader", 1.0, Confidence::kHigh};
    }
  } else if (facts.shape.measured && facts.shape.span_s > kTellingSpan) {
    // No queue drains where no datagram is read, whether it was watched or not.
    if (facts.nobody_read()) return model::Root{"app.slow-reader", 1.0, Confidence::kHigh};
    if (facts.shape.active_share >= limits.steady_slot_share) {
      return model::Root{"app.slow-reader", 1.0, Confidence::kMedium};
    }
  }
  if (!facts.can_size() || !facts.rmem_max) return {};
  const auto confidence = reader.watched ? Confidence::kHigh : Confidence::kLow;
  const bool fits = facts.proposed_option <= *facts.rmem_max;
  return model::Root{fits ? "config.buffer-limit" : "load.burst", 1.0, confidence};
}

model::Proof burst_proof(const BurstShape& shape) {
  auto text = fmt::format("{} burst{} of drops; the largest lost {}", grouped(shape.bursts),
                          shape.bursts == 1 ? "" : "s", packets_text(shape.largest_packets));
  if (!shape.has_truesize()) {
    return {text, "drops.bursts", static_cast<double>(shape.largest_packets)};
  }
  text += fmt::format(" = {} of buffer ({:.0f} B each for {:.0f} B of data)",
                      bytes_text(shape.largest_truesize_bytes), shape.truesize_per_packet,
                      shape.bytes_per_packet);
  return {text, "drops.bursts", static_cast<double>(shape.largest_truesize_bytes)};
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  const auto& [shape, reader] = std::tie(facts.shape, facts.reader);
  auto& proofs = explanation.evidence;
  if (facts.buffer_bytes > 0) {
    proofs.push_back({fmt::format("the socket's buffer is {} (SO_RCVBUF {}, doubled by the kernel)",
                                  bytes_text(facts.buffer_bytes), facts.buffer_bytes / 2),
                      "sockets.receive_buffer", static_cast<double>(facts.buffer_bytes)});
  }
  if (shape.measured) {
    proofs.push_back(burst_proof(shape));
    if (shape.span_s >= kTellingSpan) {
      proofs.push_back({fmt::format("drops in {:.0f} % of the 10 ms slots over {:.1f} s",
                                    100 * shape.active_share, shape.span_s),
                        "drops.slots", shape.active_share});
    }
  }
  if (reader.watched) {
    proofs.push_back({fmt::format("the queue was watched at {} points: at its emptiest {:.0f} % of "
                                  "the buffer was in use",
                                  reader.points, 100 * reader.emptiest_share),
                      "sockets.receive_memory", reader.emptiest_share});
  }
  if (reader.read_per_second) {
    proofs.push_back(
        {fmt::format("datagrams are read at {:.0f}/s in this namespace", *reader.read_per_second),
         reader.read_counter, reader.read_per_second});
  }
}

void rule_out_places(const Facts& facts, Explanation& explanation) {
  const auto& account = facts.one.account();
  struct Rival {
    std::string_view cause;
    std::string_view counter;
    std::string_view text;
  };
  constexpr std::array kRivals = {
      Rival{"memory.udp-limit", "snmp.Udp.MemErrors", "Udp MemErrors did not move"},
      Rival{"udp.checksum", "snmp.Udp.InCsumErrors", "Udp InCsumErrors did not move"},
  };
  for (const auto& rival : kRivals) {
    if (!stood_still(facts.one.evidence, rival.counter, account.at.netns)) continue;
    explanation.ruled_out.push_back({std::string(rival.cause), std::string(rival.text)});
  }
}

// What a buffer at the host's limit would buy a reader that is too slow.
std::string bought_time(const Facts& facts) {
  const double seconds_watched = facts.one.evidence.timeline.seconds();
  const double excess = facts.shape.measured && seconds_watched > 0
                            ? static_cast<double>(facts.one.account().packets) *
                                  facts.shape.truesize_per_packet / seconds_watched
                            : 0;
  if (excess <= 0 || !facts.rmem_max || facts.limit_bytes() <= facts.buffer_bytes) return "";
  const double seconds = static_cast<double>(facts.limit_bytes() - facts.buffer_bytes) / excess;
  return fmt::format("A buffer at the limit of this host ({}) would be full again after {:.1f} s.",
                     bytes_text(facts.limit_bytes()), seconds);
}

model::Remedy read_faster(const Facts& facts) {
  model::Remedy remedy{.id = "app.read-faster", .kind = "application"};
  remedy.command = fmt::format(
      "make {} read faster: drain the socket in a loop (recvmmsg), move work off the reading "
      "thread, add readers with SO_REUSEPORT",
      owner_text(facts.one.account()));
  remedy.sized_from =
      facts.reader.read_per_second
          ? fmt::format("{:.0f} datagrams/s are read, {:.0f}/s are lost",
                        *facts.reader.read_per_second, facts.one.account().per_second)
          : "the queue does not drain";
  remedy.risk = "a change of the application; SO_REUSEPORT spreads by flow, not by datagram";
  remedy.verify = "whydrop diagnose: the socket's drops stop and its queue drains";
  return remedy;
}

void explain_slow_reader(const Facts& facts, Explanation& explanation) {
  const auto bought = bought_time(facts);
  const bool idle = facts.reader.read_per_second && *facts.reader.read_per_second < 0.5;
  explanation.why = fmt::format(
      "{} {}, so its queue stays full and every further datagram is dropped. {}",
      owner_text(facts.one.account()),
      idle ? "did not read from this socket" : "reads more slowly than datagrams arrive", bought);
  explanation.ruled_out.push_back(
      {"config.buffer-limit", "the queue does not drain between drops, so any buffer fills up"});
  explanation.ruled_out.push_back(
      {"load.burst", "drops go on whenever datagrams arrive; there is no burst to absorb"});
  explanation.remedies.push_back(read_faster(facts));
}

// The socket as ss shows it.
std::string show_socket(const Facts& facts) {
  const auto& hits = facts.one.account().hits;
  return command_in(facts.one.evidence, facts.one.account().at.netns,
                    "ss -uanmp" + port_filter(facts.one.booked.port),
                    hits.empty() ? 0 : hits.front().pid.value_or(0));
}

model::Remedy grow_buffer(const Facts& facts) {
  model::Remedy remedy{.id = "app.so-rcvbuf", .kind = "application"};
  const auto owner = owner_text(facts.one.account());
  const auto old_option = facts.buffer_bytes / 2;
  remedy.command =
      fmt::format("setsockopt(fd, SOL_SOCKET, SO_RCVBUF, {}) in {}", facts.proposed_option, owner);
  remedy.set = {{.target = "SO_RCVBUF",
                 .netns = facts.one.account().at.netns,
                 .from = std::to_string(old_option),
                 .to = std::to_string(facts.proposed_option)}};
  remedy.sized_from = fmt::format(
      "buffer {} + {} that the largest burst lacked = {}, with {:.0f} % room; the kernel doubles "
      "the option",
      bytes_text(facts.buffer_bytes), bytes_text(facts.needed_bytes - facts.buffer_bytes),
      bytes_text(facts.needed_bytes), 100 * (facts.one.evidence.thresholds.headroom - 1));
  remedy.risk =
      fmt::format("up to {} of kernel memory for this socket; datagrams wait longer in it",
                  bytes_text(2 * facts.proposed_option));
  remedy.undo = fmt::format("setsockopt(fd, SOL_SOCKET, SO_RCVBUF, {})", old_option);
  remedy.verify =
      fmt::format("{}: rb{} and d stays as it is", show_socket(facts), 2 * facts.proposed_option);
  return remedy;
}

model::Remedy raise_limit(const Facts& facts) {
  const auto wanted = std::to_string(facts.proposed_option);
  const auto old_value = std::to_string(*facts.rmem_max);
  model::Remedy remedy{.id = "sysctl.rmem-max", .kind = "sysctl"};
  remedy.command = "sysctl -w net.core.rmem_max=" + wanted;
  remedy.set = {{.target = "net.core.rmem_max", .netns = {}, .from = old_value, .to = wanted}};
  remedy.sized_from = fmt::format("a burst needs {} of buffer, twice the limit is {}",
                                  bytes_text(facts.needed_bytes), bytes_text(facts.limit_bytes()));
  remedy.risk = "every process may then ask for as much kernel memory per socket";
  remedy.undo = "sysctl -w net.core.rmem_max=" + old_value;
  remedy.persist = {{"/etc/sysctl.d/90-whydrop.conf", "net.core.rmem_max = " + wanted + "\n"}};
  remedy.verify = "sysctl net.core.rmem_max";
  remedy.tunable = true;
  return remedy;
}

void rule_out_slow_reader(const Facts& facts, Explanation& explanation) {
  if (!facts.reader.watched) return;
  explanation.ruled_out.push_back(
      {"app.slow-reader", fmt::format("the reader keeps up: the queue fell to {:.0f} % of the "
                                      "buffer between bursts",
                                      100 * facts.reader.emptiest_share)});
}

// Where the trace does not see sizes, or there is none.
void explain_unsized(const Facts& facts, Explanation& explanation) {
  explanation.why = fmt::format(
      "The buffer was full when datagrams arrived. {} could not be seen, so no size is proposed.",
      facts.shape.measured ? "How much of it each of them takes" : "Whether in bursts");
  rule_out_slow_reader(facts, explanation);
  explanation.remedies.push_back(
      {.id = "show-socket",
       .kind = "print",
       .command = show_socket(facts),
       .sized_from = "nothing: it shows the buffer (rb), what is in it (r) and the drops (d)"});
}

void explain_burst(const Facts& facts, bool fits, Explanation& explanation) {
  explanation.why = fmt::format(
      "Datagrams come in bursts. The largest needed {} of buffer where {} has {}; {}.{}",
      bytes_text(facts.needed_bytes), owner_text(facts.one.account()),
      bytes_text(facts.buffer_bytes),
      facts.reader.watched ? "between bursts the queue drains"
                           : "whether the queue drains between bursts could not be watched, and a "
                             "reader that is too slow would look the same",
      fits ? "" : " No socket of this host may hold so much: net.core.rmem_max is the limit.");
  rule_out_slow_reader(facts, explanation);
  if (fits) {
    explanation.ruled_out.push_back(
        {"load.burst", "the burst fits into what net.core.rmem_max allows"});
  } else {
    explanation.ruled_out.push_back(
        {"config.buffer-limit", "no SO_RCVBUF that this host allows would hold the burst"});
    explanation.remedies.push_back(raise_limit(facts));
  }
  explanation.remedies.push_back(grow_buffer(facts));
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  const auto root = root_of(facts);
  if (root) explanation.because = {*root};
  explanation.confidence = root                   ? root->confidence
                           : facts.shape.measured ? Confidence::kMedium
                                                  : Confidence::kLow;
  explanation.title = fmt::format(
      "{} lost in the receive buffer of {}, read by {}", packets_text(account.packets),
      account.at.socket.empty() ? "a UDP socket" : account.at.socket, owner_text(account));
  add_proofs(facts, explanation);
  if (!root) {
    explain_unsized(facts, explanation);
  } else if (root->cause == "app.slow-reader") {
    explain_slow_reader(facts, explanation);
  } else {
    explain_burst(facts, root->cause == "config.buffer-limit", explanation);
  }
  rule_out_places(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause udp_receive_buffer_full;
const Cause udp_receive_buffer_full = {
    .id = "udp.receive-buffer-full", .needs = kNeeds, .explain = explain, .judges_totals = true};

}  // namespace diagnose::causes
