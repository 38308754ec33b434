// listen.syn-queue-full: a SYN is refused because too many handshakes of this listener are half
// open, and SYN cookies are off, which would let it in all the same (tcp_conn_request). No trace is
// raised. Two limits lead here: the listener's queue length (TCPReqQFullDrop), and
// net.ipv4.tcp_max_syn_backlog, of which a quarter is kept for clients that were seen before (only
// ListenDrops counts those).

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/sockets.h"

namespace diagnose::causes {
namespace {

using base::grouped;
using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kOwners};

// Handshakes that come to an end, per SYN refused: where nearly none does, nobody means to connect.
constexpr double kFewFinish = 0.1;

struct Facts {
  const Case& one;
  const model::Socket* listener = nullptr;
  std::optional<std::uint64_t> cookies;      // net.ipv4.tcp_syncookies
  std::optional<std::uint64_t> syn_backlog;  // net.ipv4.tcp_max_syn_backlog
  std::optional<std::uint64_t> finished;     // handshakes
  std::uint64_t by_length = 0;               // refused for the listener's own queue length
  [[nodiscard]] std::uint32_t pid() const {
    const auto& hits = one.account().hits;
    return hits.empty() ? 0 : hits.front().pid.value_or(0);
  }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one};
  const auto& netns = one.account().at.netns;
  const auto id = [&](std::string_view name) {
    return model::counter_id(name, {{"netns", netns}});
  };
  facts.cookies = model::number_setting(one.evidence, id("sysctl.net.ipv4.tcp_syncookies"));
  facts.syn_backlog =
      model::number_setting(one.evidence, id("sysctl.net.ipv4.tcp_max_syn_backlog"));
  facts.by_length = one.evidence.timeline.rise(id("netstat.TcpExt.TCPReqQFullDrop"));
  if (const auto* finished = one.evidence.timeline.counter(id("snmp.Tcp.PassiveOpens"))) {
    facts.finished = model::increment(*finished).amount;
  }
  const auto listeners = sockets_at(one.evidence, one.account().account, netns, one.booked.port);
  if (one.booked.port != 0 && !listeners.empty()) facts.listener = listeners.front();
  return facts;
}

std::vector<model::Root> roots_of(const Facts& facts) {
  if (!facts.finished) return {{"load.burst", 1.0, Confidence::kLow}};
  const auto refused = static_cast<double>(facts.one.account().packets);
  const bool flood = static_cast<double>(*facts.finished) < kFewFinish * refused;
  return {{flood ? "load.flood" : "load.burst", 1.0, Confidence::kMedium}};
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  if (facts.cookies) {
    proofs.push_back({fmt::format("net.ipv4.tcp_syncookies is {}", *facts.cookies),
                      "sysctl.net.ipv4.tcp_syncookies", static_cast<double>(*facts.cookies)});
  }
  if (facts.listener != nullptr) {
    proofs.push_back({fmt::format("the listener's queue holds {} handshakes; {} SYNs were refused "
                                  "for that",
                                  grouped(facts.listener->send_queue), grouped(facts.by_length)),
                      "netstat.TcpExt.TCPReqQFullDrop", static_cast<double>(facts.by_length)});
  }
  if (facts.syn_backlog) {
    const auto others =
        facts.one.account().packets - std::min(facts.one.account().packets, facts.by_length);
    proofs.push_back({fmt::format("net.ipv4.tcp_max_syn_backlog is {}, a quarter of it kept in "
                                  "reserve; {} SYNs were refused for that",
                                  grouped(*facts.syn_backlog), grouped(others)),
                      "netstat.TcpExt.ListenDrops", static_cast<double>(others)});
  }
  if (facts.finished) {
    proofs.push_back(
        {fmt::format("{} handshakes were finished meanwhile", grouped(*facts.finished)),
         "snmp.Tcp.PassiveOpens", static_cast<double>(*facts.finished)});
  }
}

void rule_out_accept_queue(const Facts& facts, Explanation& explanation) {
  const auto& netns = facts.one.account().at.netns;
  if (!stood_still(facts.one.evidence, "netstat.TcpExt.ListenOverflows", netns)) return;
  explanation.ruled_out.push_back(
      {"listen.accept-queue-full", "ListenOverflows did not move: finished connections had room"});
}

void add_remedies(const Facts& facts, Explanation& explanation) {
  if (facts.cookies && *facts.cookies == 0) {
    auto cookies = sysctl_remedy(facts.one.evidence, facts.one.account().at.netns,
                                 "net.ipv4.tcp_syncookies", "0", "1", facts.pid());
    cookies.id = "sysctl.tcp-syncookies";
    cookies.sized_from =
        fmt::format("{} SYNs refused while cookies were off", grouped(facts.one.account().packets));
    cookies.risk = "while the queue is full, connections lose options that a cookie cannot hold";
    explanation.remedies.push_back(std::move(cookies));
  }
  model::Remedy show{.id = "show-half-open", .kind = "print"};
  show.command =
      command_in(facts.one.evidence, facts.one.account().at.netns,
                 "ss -tn state syn-recv" + port_filter(facts.one.booked.port), facts.pid());
  show.sized_from = "nothing: it shows from where the half-open handshakes come";
  explanation.remedies.push_back(std::move(show));
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  explanation.because = roots_of(facts);
  explanation.confidence = facts.cookies ? Confidence::kHigh : Confidence::kMedium;
  const auto listener = account.at.socket.empty() ? "a TCP listener" : account.at.socket;
  explanation.title = fmt::format(
      "{} of new connections dropped: too many half-open handshakes at {}, listener of {}",
      packets_text(account.packets), listener, owner_text(account));
  const bool flood = explanation.because.front().cause == "load.flood";
  explanation.why = fmt::format(
      "More handshakes begin than end, and SYN cookies are off, so every further SYN is dropped. "
      "{}",
      flood ? "Nearly none of them is ever finished: that is a flood, or the answers do not reach "
              "the clients."
            : "Many of them are finished later: clients are many or far away at once.");
  add_proofs(facts, explanation);
  rule_out_accept_queue(facts, explanation);
  add_remedies(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause listen_syn_queue_full;
const Cause listen_syn_queue_full = {
    .id = "listen.syn-queue-full", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
