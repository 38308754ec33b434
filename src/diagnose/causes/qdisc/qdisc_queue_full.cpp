// qdisc.queue-full: the queue in front of a network device was full, so the kernel dropped what was
// to be sent (QDISC_DROP and its kin at __dev_queue_xmit; the qdisc's own drop counter; again in Ip
// OutDiscards and Udp SndbufErrors). The sender of a datagram is not told.
//
// Why it was full has three answers, told apart by what was offered and how the queue moved:
//
//   qdisc.standing-queue  more is offered than the rate lets through. Any queue fills up, so a
//   larger
//                         one only adds delay: none is proposed. More rate or less load.
//   config.queue-limit    what is offered fits the rate on the average, but a burst is larger than
//                         the queue: limit = limit + what the largest burst lost, with headroom.
//   load.burst            the same, but a queue that holds the burst would delay its last packet by
//                         more than is acceptable; or nothing is known to size by.
//
// A limit counts bytes or packets as they pass the qdisc: with the link-layer header, without the
// kernel's bookkeeping (qdisc_pkt_len).

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/bursts.h"
#include "diagnose/cause.h"
#include "diagnose/qdiscs.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose::causes {
namespace {

using base::bytes_text;
using base::grouped;
using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kWatchQdiscs};

struct Facts {
  const Case& one;
  BurstShape shape;
  std::optional<Qdisc> qdisc;
  Backlog backlog;
  // Bytes a second while drops went on; over the window where that was too short to measure.
  std::optional<double> offered_bytes_per_s;
  std::uint64_t needed = 0;       // a limit that would just have held the largest burst
  std::uint64_t proposed = 0;     // that with room; 0 = not known
  std::optional<double> delay_s;  // of the last packet in a queue of that limit

  [[nodiscard]] std::optional<std::uint64_t> rate() const {
    return qdisc ? qdisc->rate_bytes_per_s : std::nullopt;
  }
  [[nodiscard]] bool in_bytes() const { return qdisc && qdisc->limit_bytes; }
  [[nodiscard]] std::optional<std::uint64_t> limit() const {
    if (!qdisc) return {};
    return qdisc->limit_bytes ? qdisc->limit_bytes : qdisc->limit_packets;
  }
  [[nodiscard]] bool is_steady() const { return shape.measured && shape.span_s >= kTellingSpan; }
};

std::string rate_text(double bytes_per_s) {
  const double bits = 8 * bytes_per_s;
  if (bits >= 1e9) return fmt::format("{:.2f} Gbit/s", bits / 1e9);
  if (bits >= 1e6) return fmt::format("{:.2f} Mbit/s", bits / 1e6);
  return fmt::format("{:.0f} kbit/s", bits / 1e3);
}

std::string amount_text(const Facts& facts, std::uint64_t amount) {
  return facts.in_bytes() ? bytes_text(amount) : packets_text(amount);
}

std::string place_text(const Facts& facts) {
  const auto& device = facts.one.account().at.dev;
  const auto where = device.empty() ? std::string("a network device") : device;
  if (!facts.qdisc) return fmt::format("in front of {}: its queue was full, or it is dead", where);
  return fmt::format("in the full queue of {} ({} {})", where, facts.qdisc->kind,
                     facts.qdisc->handle);
}

// A limit that would have held the largest burst: all that was sent or held during it had its room.
void size_limit(Facts& facts) {
  const auto limit = facts.limit();
  const bool measured = facts.in_bytes() ? facts.shape.has_bytes() : facts.shape.measured;
  if (!limit || !measured || facts.shape.largest_packets == 0) return;
  const auto missing = facts.in_bytes() ? facts.shape.largest_bytes : facts.shape.largest_packets;
  const double unit = facts.in_bytes() ? 1024 : 1;
  facts.needed = *limit + missing;
  const double wanted = static_cast<double>(facts.needed) * facts.one.evidence.thresholds.headroom;
  facts.proposed = static_cast<std::uint64_t>(std::ceil(wanted / unit) * unit);
  if (!facts.rate() || *facts.rate() == 0 || !facts.shape.has_bytes()) return;
  const double bytes = facts.in_bytes()
                           ? static_cast<double>(facts.proposed)
                           : static_cast<double>(facts.proposed) * facts.shape.bytes_per_packet;
  facts.delay_s = bytes / static_cast<double>(*facts.rate());
}

Facts facts_of(const Case& one) {
  const auto& at = one.account().at;
  Facts facts{.one = one, .shape = burst_shape(one.evidence, one.booked)};
  if (!at.dev.empty()) facts.qdisc = dropping_qdisc(one.evidence, at.netns, at.dev);
  if (!facts.qdisc) return facts;
  facts.backlog = backlog_of(one.evidence, *facts.qdisc, facts.shape);
  facts.offered_bytes_per_s = offered_bytes_per_s(one.evidence, *facts.qdisc, facts.shape,
                                                  one.account().packets, facts.is_steady());
  size_limit(facts);
  return facts;
}

bool is_overloaded(const Facts& facts) {
  const auto& limits = facts.one.evidence.thresholds;
  if (!facts.is_steady()) return false;
  if (facts.backlog.watched && facts.backlog.emptiest_share >= limits.standing_queue_share) {
    return true;
  }
  if (facts.rate() && facts.offered_bytes_per_s) {
    return *facts.offered_bytes_per_s > static_cast<double>(*facts.rate());
  }
  return !facts.backlog.watched && facts.shape.active_share >= limits.steady_slot_share;
}

// Nothing where the queue, its limit, or the size of the bursts is not known.
std::optional<model::Root> root_of(const Facts& facts) {
  if (!facts.qdisc) return {};
  const bool sure = facts.backlog.watched || (facts.rate() && facts.offered_bytes_per_s);
  const auto confidence = sure ? Confidence::kHigh : Confidence::kMedium;
  if (is_overloaded(facts)) return model::Root{"qdisc.standing-queue", 1.0, confidence};
  if (facts.proposed == 0) return {};
  const auto longest = facts.one.evidence.thresholds.acceptable_queue_delay_s;
  const bool too_slow = facts.delay_s && *facts.delay_s > longest;
  return model::Root{too_slow ? "load.burst" : "config.queue-limit", 1.0, confidence};
}

// Who was running when locally made packets were dropped: sending happens in the sender's own time.
std::string sender_text(const Facts& facts) {
  std::map<std::string, int> seen;
  for (const auto* sample : samples_of(facts.one.evidence, facts.one.booked)) {
    const bool local = facts.one.evidence.drops.tallies[sample->tally].made_here;
    if (local && !sample->comm.empty()) ++seen[sample->comm];
  }
  const auto most = std::ranges::max_element(seen, {}, [](const auto& one) { return one.second; });
  return most == seen.end() ? "" : most->first;
}

void add_queue_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  const auto& qdisc = *facts.qdisc;
  if (const auto limit = facts.limit()) {
    const std::string setting = facts.in_bytes() ? "qdisc.limit_bytes" : "qdisc.limit_packets";
    proofs.push_back(
        {fmt::format("{} {} holds {}", qdisc.kind, qdisc.handle, amount_text(facts, *limit)),
         setting + qdisc.labels, static_cast<double>(*limit)});
  }
  if (facts.rate()) {
    const auto rate = static_cast<double>(*facts.rate());
    proofs.push_back({"it lets " + rate_text(rate) + " through", qdisc.rate_setting, rate});
  }
  if (facts.offered_bytes_per_s) {
    proofs.push_back({fmt::format("{} were offered {}", rate_text(*facts.offered_bytes_per_s),
                                  facts.is_steady() ? "while drops went on" : "over the window"),
                      "qdisc.bytes" + qdisc.labels, facts.offered_bytes_per_s});
  }
  if (facts.backlog.watched) {
    proofs.push_back({fmt::format("the queue was watched at {} points: at its emptiest {:.0f} % of "
                                  "it was in use",
                                  facts.backlog.points, 100 * facts.backlog.emptiest_share),
                      facts.backlog.gauge, facts.backlog.emptiest_share});
  }
}

void add_proofs(const Facts& facts, const std::string& sender, Explanation& explanation) {
  if (facts.qdisc) add_queue_proofs(facts, explanation);
  const auto& shape = facts.shape;
  if (shape.measured) {
    explanation.evidence.push_back(
        {fmt::format("{} burst{} of drops; the largest lost {}{}", grouped(shape.bursts),
                     shape.bursts == 1 ? "" : "s", packets_text(shape.largest_packets),
                     shape.has_bytes() ? " = " + bytes_text(shape.largest_bytes) : ""),
         "drops.bursts", static_cast<double>(shape.largest_packets)});
  }
  if (!sender.empty()) {
    explanation.evidence.push_back(
        {fmt::format("sampled: {} was sending when its packets were dropped", sender),
         "drops.samples",
         {}});
  } else if (const auto flow = common_flow(facts.one.evidence, facts.one.booked, true)) {
    explanation.evidence.push_back({fmt::format("sampled: from {} to {} port {}", flow->source,
                                                flow->destination, flow->destination_port),
                                    "drops.samples",
                                    {}});
  }
}

void rule_out_places(const Facts& facts, Explanation& explanation) {
  const auto& at = facts.one.account().at;
  if (facts.qdisc) {
    explanation.ruled_out.push_back(
        {"link.device-down",
         fmt::format("{} {} counted {} itself: a device that is down has no "
                     "queue to count them",
                     facts.qdisc->kind, facts.qdisc->handle, packets_text(facts.qdisc->drops))});
  }
  const auto id = model::counter_id("link.tx_errors", {{"dev", at.dev}, {"netns", at.netns}});
  const auto* errors = facts.one.evidence.timeline.counter(id);
  const bool has_wire = std::ranges::any_of(facts.one.evidence.devices, [&](const auto& device) {
    return device.netns == at.netns && device.name == at.dev && device.kind == "physical";
  });
  if (has_wire && errors != nullptr && model::increment(*errors).amount == 0) {
    explanation.ruled_out.push_back(
        {"wire-tx.carrier", "the device reports no errors: tx_errors did not move"});
  }
}

model::Remedy show_queue(const Facts& facts) {
  const auto& at = facts.one.account().at;
  const auto device = at.dev.empty() ? std::string() : " dev " + base::shell_quoted(at.dev);
  return {.id = "show-qdisc",
          .kind = "print",
          .command = command_in(facts.one.evidence, at.netns, "tc -s -d qdisc show" + device),
          .sized_from = "nothing: it shows queues, limits and drops",
          .verify = "whydrop diagnose: the qdisc's drops stop"};
}

model::Remedy send_less(const Facts& facts, const std::string& sender) {
  model::Remedy remedy{.id = "app.send-less", .kind = "application"};
  remedy.command = fmt::format(
      "spread or reduce what {} sends: pacing (SO_MAX_PACING_RATE needs the qdisc fq), smaller "
      "batches, fewer senders",
      sender.empty() ? "the sender" : sender);
  if (facts.offered_bytes_per_s && facts.rate()) {
    remedy.sized_from = fmt::format("{} offered, {} pass", rate_text(*facts.offered_bytes_per_s),
                                    rate_text(static_cast<double>(*facts.rate())));
  } else {
    remedy.sized_from = "more is sent than the queue lets through";
  }
  remedy.risk = "a change of the application";
  remedy.verify = "whydrop diagnose: the qdisc's drops stop";
  return remedy;
}

model::Remedy raise_rate(const Facts& facts) {
  model::Remedy remedy{.id = "qdisc.rate", .kind = "print"};
  const auto& at = facts.one.account().at;
  remedy.command = command_in(facts.one.evidence, at.netns,
                              "tc -s -d class show dev " + base::shell_quoted(at.dev));
  if (facts.qdisc->rate_setting.find("class") == std::string::npos) {
    remedy.command = command_in(facts.one.evidence, at.netns,
                                "tc -s -d qdisc show dev " + base::shell_quoted(at.dev));
  }
  remedy.sized_from = fmt::format(
      "a rate of {} would let through what is offered, where the link behind it can carry that",
      rate_text(*facts.offered_bytes_per_s * facts.one.evidence.thresholds.headroom));
  remedy.risk = "the rate is somebody's decision: what lies behind it may drop instead";
  remedy.verify = "whydrop diagnose: the qdisc's drops stop";
  return remedy;
}

void explain_standing(const Facts& facts, const std::string& sender, Explanation& explanation) {
  const bool numbers = facts.rate() && facts.offered_bytes_per_s;
  explanation.why = fmt::format(
      "More is offered than the queue lets through{}, so it stays full and every further packet is "
      "dropped. A longer queue would fill up too, and only add delay.",
      numbers ? fmt::format(": {} against {}", rate_text(*facts.offered_bytes_per_s),
                            rate_text(static_cast<double>(*facts.rate())))
              : std::string());
  explanation.ruled_out.push_back(
      {"config.queue-limit", "the load does not fit the rate, so any queue fills up"});
  explanation.remedies.push_back(send_less(facts, sender));
  if (numbers) explanation.remedies.push_back(raise_rate(facts));
}

// What follows "tc qdisc change dev X …": the kind with all that a change must name again.
std::string change_words(const Facts& facts, std::uint64_t limit) {
  const auto& qdisc = *facts.qdisc;
  const auto place = qdisc.parent.empty() ? std::string("root") : "parent " + qdisc.parent;
  std::string words = fmt::format("{} handle {} {}", place, qdisc.handle, qdisc.kind);
  if (qdisc.kind == "tbf") {
    const auto burst =
        model::number_setting(facts.one.evidence, "qdisc.burst_bytes" + qdisc.labels).value_or(0);
    words += fmt::format(" rate {}bit burst {}b", 8 * facts.rate().value_or(0), burst);
  }
  return words + fmt::format(" limit {}", limit);
}

// A qdisc without a handle of its own cannot be named; a change of other kinds (netem, red), and of
// tbf with a peak rate, would lose what it does not name again.
bool can_change(const Facts& facts) {
  constexpr std::array<std::string_view, 7> kKinds = {"bfifo", "codel",           "fq", "fq_codel",
                                                      "pfifo", "pfifo_head_drop", "tbf"};
  return facts.qdisc->handle != "0:" &&
         std::ranges::find(kKinds, facts.qdisc->kind) != kKinds.end() &&
         !facts.one.evidence.settings.contains("qdisc.peak_bytes_per_s" + facts.qdisc->labels);
}

model::Remedy raise_limit(const Facts& facts) {
  const auto& at = facts.one.account().at;
  const auto& qdisc = *facts.qdisc;
  const auto old_limit = *facts.limit();
  const auto command = [&](std::uint64_t limit) {
    return command_in(facts.one.evidence, at.netns,
                      fmt::format("tc qdisc change dev {} {}", base::shell_quoted(at.dev),
                                  change_words(facts, limit)));
  };
  model::Remedy remedy{.id = "qdisc.limit", .kind = "qdisc"};
  remedy.command = command(facts.proposed);
  remedy.set = {{.target = fmt::format("qdisc {} {} limit", at.dev, qdisc.handle),
                 .netns = at.netns,
                 .from = std::to_string(old_limit),
                 .to = std::to_string(facts.proposed)}};
  const auto missing = facts.in_bytes() ? facts.shape.largest_bytes : facts.shape.largest_packets;
  remedy.sized_from = fmt::format("limit {} + {} that the largest burst lacked, with {:.0f} % room",
                                  amount_text(facts, old_limit), amount_text(facts, missing),
                                  100 * (facts.one.evidence.thresholds.headroom - 1));
  remedy.risk =
      facts.delay_s
          ? fmt::format("the last packet of a full queue leaves {:.0f} ms after it came",
                        1000 * *facts.delay_s)
          : std::string("packets wait longer in a longer queue; the rate behind it is not known");
  remedy.undo = command(old_limit);
  remedy.verify = command_in(facts.one.evidence, at.netns,
                             "tc -s qdisc show dev " + base::shell_quoted(at.dev));
  remedy.tunable = true;
  return remedy;
}

// No carrier, netem and a full queue end packets at one place with one reason; the counters of the
// queues and the state of the device would tell.
void explain_unseen(const Facts& facts, Explanation& explanation) {
  explanation.why =
      "The queue in front of the device took no more packets: it was full, the device has no "
      "carrier, or the queue emulates loss (netem). No queue was seen that counted them, so which "
      "it was is not known.";
  explanation.remedies.push_back(show_queue(facts));
}

void explain_burst(const Facts& facts, bool fits, const std::string& sender,
                   Explanation& explanation) {
  if (facts.proposed == 0) {
    explanation.why =
        "The queue was full when packets came to be sent. Its limit, how the drops lie in time, or "
        "how large the packets are could not be seen, so no size is proposed.";
    explanation.remedies.push_back(show_queue(facts));
    return;
  }
  const bool numbers = facts.rate() && facts.offered_bytes_per_s;
  explanation.why = fmt::format(
      "Packets come in bursts, and the largest needed a queue of {} where {} {} holds {}.{}{}",
      amount_text(facts, facts.needed), facts.qdisc->kind, facts.qdisc->handle,
      amount_text(facts, *facts.limit()),
      numbers ? fmt::format(" On the average {} are offered, and {} pass: the rate is enough.",
                            rate_text(*facts.offered_bytes_per_s),
                            rate_text(static_cast<double>(*facts.rate())))
              : std::string(),
      fits ? std::string()
           : fmt::format(" At that rate the last packet of such a queue would wait {:.1f} s.",
                         *facts.delay_s));
  if (numbers || facts.backlog.watched) {
    explanation.ruled_out.push_back(
        {"qdisc.standing-queue",
         numbers ? "the load fits the rate: the queue drains between bursts"
                 : fmt::format("the queue drains: it fell to {:.0f} % of its limit",
                               100 * facts.backlog.emptiest_share)});
  }
  if (fits && can_change(facts)) explanation.remedies.push_back(raise_limit(facts));
  explanation.remedies.push_back(send_less(facts, sender));
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  const auto sender = sender_text(facts);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  const auto root = root_of(facts);
  if (root) explanation.because = {*root};
  explanation.confidence = root ? root->confidence : Confidence::kLow;
  explanation.title = fmt::format("{} lost {}{}", packets_text(account.packets), place_text(facts),
                                  sender.empty() ? "" : ", sent by " + sender);
  add_proofs(facts, sender, explanation);
  if (!facts.qdisc) {
    explain_unseen(facts, explanation);
  } else if (root && root->cause == "qdisc.standing-queue") {
    explain_standing(facts, sender, explanation);
  } else {
    const bool fits = root && root->cause == "config.queue-limit";
    explain_burst(facts, fits, sender, explanation);
  }
  rule_out_places(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause qdisc_queue_full;
const Cause qdisc_queue_full = {.id = "qdisc.queue-full", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
