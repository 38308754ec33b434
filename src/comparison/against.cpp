#include "comparison/against.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "comparison/chance.h"
#include "comparison/compare.h"
#include "comparison/places.h"
#include "diagnose/diagnose.h"
#include "diagnose/traffic.h"

namespace comparison {
namespace {

using model::Account;
using model::Certainty;
using model::Departure;
using model::Diagnosis;
using model::Evidence;
using model::Finding;
using model::Normal;

double seconds_of(const Evidence& evidence) {
  return static_cast<double>(evidence.window.duration_ns) / 1e9;
}

// What was booked at a place in the baseline, in the terms of the window that is judged.
struct Usual {
  std::uint64_t packets = 0;
  std::vector<std::uint64_t> series;
};

// Account, namespace, device and, where it is there to stay, the socket.
using Spot = std::tuple<std::string, model::Inode, std::string, std::string>;

// The ports that the kernel gives to whoever does not ask for one (Documentation/networking/
// ip-sysctl.rst): in another window the same program has another.
constexpr unsigned kFirstEphemeral = 32768;

// "udp *:53" -> 53.
bool is_ephemeral(const std::string& socket) {
  const auto colon = socket.rfind(':');
  if (colon == std::string::npos) return false;
  unsigned port = 0;
  std::from_chars(socket.data() + colon + 1, socket.data() + socket.size(), port);
  return port >= kFirstEphemeral;
}

Spot spot_of(const std::string& account, const model::Place& at, const model::Inode& netns) {
  return {account, netns, at.dev, is_ephemeral(at.socket) ? "" : at.socket};
}

class Judge {
 public:
  Judge(const Evidence& normal, const Diagnosis& then, const Evidence& now)
      : normal_(normal), now_(now), namespaces_(matched_namespaces(normal, now)) {
    for (const auto& account : then.accounts) note(account);
  }

  [[nodiscard]] Normal normal_of(const Finding& finding, const Account& account) const {
    Normal normal{.why = obstacle(account)};
    if (!normal.why.empty()) return normal;
    const auto found = usual_.find(spot_of(account.account, account.at, account.at.netns));
    const Usual usual = found == usual_.end() ? Usual{} : found->second;
    normal.packets = usual.packets;
    normal.per_second = static_cast<double>(usual.packets) / seconds_of(normal_);
    judge(finding.packets, account, usual, normal);
    return normal;
  }

 private:
  void note(const Account& account) {
    const auto known = namespaces_.find(account.at.netns);
    auto& usual = usual_[spot_of(account.account, account.at,
                                 known == namespaces_.end() ? account.at.netns : known->second)];
    usual.packets += account.packets;
    if (usual.series.size() < account.series.size()) usual.series.resize(account.series.size());
    for (std::size_t at = 0; at < account.series.size(); ++at) {
      usual.series[at] += account.series[at];
    }
  }

  [[nodiscard]] std::optional<model::Inode> then(const model::Inode& netns) const {
    const auto found =
        std::ranges::find(namespaces_, netns, &decltype(namespaces_)::value_type::second);
    return found == namespaces_.end() ? std::nullopt : std::optional(found->first);
  }

  // Why the baseline cannot tell; "" where it can: by its trace, or because it read the counter.
  [[nodiscard]] std::string obstacle(const Account& account) const {
    if (!account.at.netns.empty() && !then(account.at.netns)) {
      return "this network namespace was not there";
    }
    if (!normal_.drops.rung.empty()) return "";
    const bool read = std::ranges::any_of(account.witnesses, [&](const model::Witness& witness) {
      return witness.kind == model::WitnessKind::kCounter && was_read(witness.id);
    });
    return read ? "" : "it was taken without tracing drops, and no counter tells of these";
  }

  [[nodiscard]] bool was_read(const model::CounterId& id) const {
    return std::ranges::any_of(normal_.timeline.counters, [&](const auto& counter) {
      return translated(counter.first, namespaces_) == id;
    });
  }

  // Of the packets that passed where both know them, else by the second.
  [[nodiscard]] std::pair<double, double> exposures(const Account& account) const {
    const auto before = then(account.at.netns);
    const auto passed_then = diagnose::traffic_of(normal_, before.value_or(""), account.direction);
    const auto passed_now = diagnose::traffic_of(now_, account.at.netns, account.direction);
    if (passed_then.value_or(0) == 0 || passed_now.value_or(0) == 0) {
      return {seconds_of(normal_), seconds_of(now_)};
    }
    // A drop before IP counts them is not among them: it passed as well.
    return {static_cast<double>(*passed_then), static_cast<double>(*passed_now)};
  }

  void judge(std::uint64_t packets, const Account& account, const Usual& usual,
             Normal& normal) const {
    const auto [then, now] = exposures(account);
    const Count before{usual.packets, then};
    const Count after{packets, now};
    if (usual.packets > 0) {
      normal.ratio =
          (static_cast<double>(packets) / now) / (static_cast<double>(usual.packets) / then);
    }
    const double apart = distance(before, after, 1);
    const double size = std::fabs(apart) / std::sqrt(dispersion_of(usual.series, account.series));
    const bool is_new = usual.packets == 0;
    const bool large =
        !normal.ratio || *normal.ratio > kSmallestRatio || *normal.ratio < 1 / kSmallestRatio;
    if (size >= kOfLosses && large) {
      normal.certainty = size >= kSurely ? Certainty::kCertain : Certainty::kLikely;
    } else if (is_new && apart >= kSurely) {
      normal.certainty = Certainty::kFewBursts;
    }
    if (normal.certainty == Certainty::kNone) {
      normal.departure = Departure::kNormal;
    } else if (is_new) {
      normal.departure = Departure::kNew;
    } else {
      normal.departure = apart > 0 ? Departure::kMore : Departure::kLess;
    }
  }

  const Evidence& normal_;
  const Evidence& now_;
  std::map<model::Inode, model::Inode> namespaces_;
  std::map<Spot, Usual> usual_;
};

const Account* account_of(const Diagnosis& diagnosis, const Finding& finding) {
  if (finding.accounts.empty()) return nullptr;
  const auto found =
      std::ranges::find(diagnosis.accounts, finding.accounts.front().account, &Account::id);
  return found == diagnosis.accounts.end() ? nullptr : &*found;
}

bool is_news(const Finding& finding) {
  return finding.normal && (finding.normal->departure == Departure::kMore ||
                            finding.normal->departure == Departure::kNew);
}

// What is news first, each part in the order that it had; then the numbers, and whoever names them.
void put_news_first(Diagnosis& diagnosis) {
  std::ranges::stable_partition(diagnosis.findings, is_news);
  std::map<std::string, std::string> renamed;
  int number = 0;
  for (auto& finding : diagnosis.findings) {
    const auto id = fmt::format("f{}", ++number);
    renamed[finding.id] = id;
    finding.id = id;
  }
  for (auto& symptom : diagnosis.symptoms) {
    for (auto& by : symptom.explained_by) by.finding = renamed[by.finding];
  }
}

bool has_read_tcp(const Evidence& evidence) {
  return std::ranges::any_of(evidence.timeline.counters, [](const auto& counter) {
    return model::counter_name(counter.first) == "snmp.Tcp.RetransSegs";
  });
}

void judge_symptoms(const Evidence& normal, const std::vector<model::Symptom>& usual,
                    const Evidence& now, Diagnosis& diagnosis) {
  if (!has_read_tcp(normal)) return;
  for (auto& symptom : diagnosis.symptoms) {
    const auto found = std::ranges::find(usual, symptom.id, &model::Symptom::id);
    const double value = found == usual.end() ? 0 : found->value;
    symptom.baseline = value * seconds_of(now) / seconds_of(normal);
  }
}

}  // namespace

void judge_against(const Evidence& normal, const std::string& name, const Evidence& evidence,
                   Diagnosis& diagnosis) {
  const auto received = diagnose::traffic_of(normal, "", model::Direction::kReceive);
  const auto sent = diagnose::traffic_of(normal, "", model::Direction::kSend);
  diagnosis.baseline = {.name = name,
                        .start_wall_ns = normal.window.start_wall_ns,
                        .duration_ns = normal.window.duration_ns,
                        .received = received,
                        .sent = sent};
  const auto then = diagnose::diagnose(normal);
  const Judge judge(normal, then, evidence);
  for (auto& finding : diagnosis.findings) {
    const auto* account = account_of(diagnosis, finding);
    if (account == nullptr) continue;
    finding.normal = judge.normal_of(finding, *account);
    if (is_news(finding)) finding.severity = std::min(finding.severity, model::Severity::kWarning);
  }
  put_news_first(diagnosis);
  judge_symptoms(normal, then.symptoms, evidence, diagnosis);
  diagnose::conclude(evidence, diagnosis);
}

}  // namespace comparison
