// listen.accept-queue-full: connections that the application has not accepted yet fill the
// listener's queue. A SYN that comes then is dropped without any trace (tcp_conn_request); the last
// ACK of a handshake that had begun before is dropped as TCP_LISTEN_OVERFLOW, or, where a SYN
// cookie had been sent, as NO_SOCKET at cookie_v4_check (tcp_v4_syn_recv_sock returns nothing to
// it). All count in ListenOverflows and in the listener's own drops.
//
// Two roots look alike in the counters and are told apart by the queue itself, watched every 100 ms
// while connections are refused: it stays long (the application accepts too slowly, a longer queue
// only delays the refusals), or it empties in between (connections come in bursts that it has no
// room for). Then the length counts: what listen() asked for, or net.core.somaxconn, which caps it.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/accept_queue.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/sockets.h"

namespace diagnose::causes {
namespace {

using base::grouped;
using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kOwners,
                               model::Question::Kind::kWatchListeners};

struct Facts {
  const Case& one;
  AcceptQueue queue;
  std::optional<std::uint64_t> somaxconn;
  std::uint64_t needed = 0;    // connections, measured
  std::uint64_t proposed = 0;  // for listen()
  [[nodiscard]] std::string owner() const { return owner_text(one.account()); }
  [[nodiscard]] std::uint32_t pid() const {
    const auto& hits = one.account().hits;
    return hits.empty() ? 0 : hits.front().pid.value_or(0);
  }
  // listen() asked for at least as much as it was given.
  [[nodiscard]] bool is_capped() const { return somaxconn && queue.limit >= *somaxconn; }
};

std::uint64_t rounded_up(double value, std::uint64_t step) {
  const auto whole = static_cast<std::uint64_t>(value);
  return (whole / step + 1) * step;
}

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .queue = accept_queue_of(one.evidence, one.booked)};
  facts.somaxconn = model::number_setting(
      one.evidence,
      model::counter_id("sysctl.net.core.somaxconn", {{"netns", one.account().at.netns}}));
  if (facts.queue.listener == nullptr) return facts;
  facts.needed = facts.queue.limit + facts.queue.largest_burst;
  facts.proposed =
      rounded_up(static_cast<double>(facts.needed) * one.evidence.thresholds.headroom, 32);
  return facts;
}

// Nothing where the listener was not seen.
std::optional<model::Root> root_of(const Facts& facts) {
  const auto& queue = facts.queue;
  if (queue.listener == nullptr) return {};
  const auto standing = facts.one.evidence.thresholds.standing_queue_share;
  if (queue.watched && queue.emptiest_share >= standing) {
    return model::Root{"app.slow-reader", 1.0, Confidence::kHigh};
  }
  const auto root = facts.is_capped() ? "config.somaxconn" : "app.listen-backlog";
  if (queue.watched) return model::Root{root, 1.0, Confidence::kHigh};
  // Never watched while it refused; what it held at the end is all there is.
  const bool full_at_the_end = queue.listener->receive_queue > queue.limit;
  return full_at_the_end ? model::Root{"app.slow-reader", 1.0, Confidence::kMedium}
                         : model::Root{root, 1.0, Confidence::kLow};
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  const auto& queue = facts.queue;
  auto& proofs = explanation.evidence;
  if (queue.listener == nullptr) return;
  const auto seen = queue.longest == 0
                        ? std::string()
                        : fmt::format("; up to {} were seen waiting", grouped(queue.longest));
  proofs.push_back({fmt::format("the listener's queue holds {} connections and one more{}",
                                grouped(queue.limit), seen),
                    "sockets.accept_queue", static_cast<double>(queue.limit)});
  if (facts.somaxconn) {
    proofs.push_back({fmt::format("net.core.somaxconn, which caps what listen() asks for, is {}",
                                  grouped(*facts.somaxconn)),
                      "sysctl.net.core.somaxconn", static_cast<double>(*facts.somaxconn)});
  }
  if (queue.watched) {
    proofs.push_back({fmt::format("the queue was watched at {} points while connections were "
                                  "refused: at its shortest it was {:.0f} % full",
                                  queue.points, 100 * queue.emptiest_share),
                      "sockets.accept_queue", queue.emptiest_share});
  }
  if (queue.finished_per_second) {
    proofs.push_back({fmt::format("{:.0f} handshakes a second were finished in this namespace",
                                  *queue.finished_per_second),
                      "snmp.Tcp.PassiveOpens", queue.finished_per_second});
  }
}

void rule_out_syn_queue(const Facts& facts, Explanation& explanation) {
  const auto& netns = facts.one.account().at.netns;
  if (!stood_still(facts.one.evidence, "netstat.TcpExt.TCPReqQFullDrop", netns)) return;
  explanation.ruled_out.push_back(
      {"listen.syn-queue-full", "TCPReqQFullDrop did not move: half-open connections had room"});
}

// The listener's queue, as ss shows it.
std::string show_queue(const Facts& facts) {
  return command_in(facts.one.evidence, facts.one.account().at.netns,
                    "ss -ltn" + port_filter(facts.one.booked.port), facts.pid());
}

model::Remedy accept_faster(const Facts& facts) {
  model::Remedy remedy{.id = "app.accept-faster", .kind = "application"};
  remedy.command = fmt::format(
      "make {} accept faster: accept in a loop until EAGAIN, hand connections to other threads, "
      "spread listeners with SO_REUSEPORT",
      facts.owner());
  remedy.sized_from =
      facts.queue.finished_per_second
          ? fmt::format("{:.0f} handshakes/s are finished, {:.0f} segments/s refused",
                        *facts.queue.finished_per_second, facts.one.account().per_second)
          : "the queue does not drain";
  remedy.risk = "a change of the application; SO_REUSEPORT spreads connections by flow";
  remedy.verify = show_queue(facts) + ": Recv-Q falls";
  return remedy;
}

model::Remedy listen_for_more(const Facts& facts) {
  model::Remedy remedy{.id = "app.listen-backlog", .kind = "application"};
  remedy.command = fmt::format("listen(fd, {}) in {}", facts.proposed, facts.owner());
  remedy.set = {{.target = "listen() backlog",
                 .netns = facts.one.account().at.netns,
                 .from = std::to_string(facts.queue.limit),
                 .to = std::to_string(facts.proposed)}};
  remedy.sized_from =
      fmt::format("queue of {} + {} refused in the largest burst = {}, with {:.0f} % room",
                  grouped(facts.queue.limit), grouped(facts.queue.largest_burst),
                  grouped(facts.needed), 100 * (facts.one.evidence.thresholds.headroom - 1));
  remedy.risk =
      "connections wait longer before they are accepted; listen() has to be called "
      "again: restart the service, or let it reload";
  remedy.undo = fmt::format("listen(fd, {})", facts.queue.limit);
  remedy.verify = fmt::format("{}: Send-Q {}", show_queue(facts), facts.proposed);
  return remedy;
}

model::Remedy raise_somaxconn(const Facts& facts) {
  auto remedy =
      sysctl_remedy(facts.one.evidence, facts.one.account().at.netns, "net.core.somaxconn",
                    std::to_string(*facts.somaxconn), std::to_string(facts.proposed), facts.pid());
  remedy.id = "sysctl.somaxconn";
  remedy.sized_from = fmt::format("a burst needs room for {} connections", grouped(facts.needed));
  remedy.risk = "every listener of the namespace may then ask for as long a queue";
  return remedy;
}

void explain_slow(const Facts& facts, Explanation& explanation) {
  const bool idle = facts.queue.finished_per_second && *facts.queue.finished_per_second < 0.5;
  explanation.why = fmt::format(
      "{} {}, so the queue of finished connections stays full and every new SYN is dropped. "
      "Clients see connect() hang and try again after 1 s, 2 s or more. A longer queue would fill "
      "up too.",
      facts.owner(),
      idle ? "does not accept connections" : "accepts more slowly than connections come");
  if (facts.queue.watched) {
    explanation.ruled_out.push_back(
        {"app.listen-backlog", "the queue does not drain, so any length of it fills up"});
  }
  explanation.remedies.push_back(accept_faster(facts));
}

void explain_unseen(const Facts& facts, Explanation& explanation) {
  explanation.why =
      "The queue of finished connections was full when more came. The listener could not be seen: "
      "its application accepts too slowly, or its queue is too short for the bursts. Clients see "
      "connect() hang and try again after 1 s or more.";
  explanation.remedies.push_back(
      {.id = "show-listeners",
       .kind = "print",
       .command = show_queue(facts),
       .sized_from = "nothing: Recv-Q is how many wait, Send-Q how many may"});
}

void explain_short_queue(const Facts& facts, Explanation& explanation) {
  const auto cap = facts.is_capped() ? "net.core.somaxconn allows no more"
                                     : fmt::format("{} asked listen() for no more", facts.owner());
  explanation.why = fmt::format(
      "Connections come in bursts. The largest needed room for {} where the queue has {}: {}. "
      "Between bursts the queue drains. Clients see connect() hang and try again after 1 s or "
      "more.",
      grouped(facts.needed), grouped(facts.queue.limit), cap);
  if (facts.queue.watched) {
    explanation.ruled_out.push_back(
        {"app.slow-reader", fmt::format("{} keeps up: the queue fell to {:.0f} % between bursts",
                                        facts.owner(), 100 * facts.queue.emptiest_share)});
  }
  if (facts.somaxconn && facts.proposed > *facts.somaxconn) {
    explanation.remedies.push_back(raise_somaxconn(facts));
  }
  explanation.remedies.push_back(listen_for_more(facts));
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  const auto root = root_of(facts);
  if (root) explanation.because = {*root};
  explanation.confidence = root ? root->confidence : Confidence::kLow;
  explanation.title =
      fmt::format("{} of new connections dropped: the accept queue of {} was full, listener of {}",
                  packets_text(account.packets),
                  account.at.socket.empty() ? "a TCP listener" : account.at.socket, facts.owner());
  add_proofs(facts, explanation);
  if (!root) {
    explain_unseen(facts, explanation);
  } else if (root->cause == "app.slow-reader") {
    explain_slow(facts, explanation);
  } else {
    explain_short_queue(facts, explanation);
  }
  rule_out_syn_queue(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause listen_accept_queue_full;
const Cause listen_accept_queue_full = {
    .id = "listen.accept-queue-full", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
