#include "diagnose/symptoms.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace diagnose {
namespace {

using model::Diagnosis;
using model::Evidence;

struct Row {
  std::string_view id;
  std::string_view counter;
};

constexpr std::array<Row, 3> kSymptoms = {{
    {"tcp.retransmissions", "snmp.Tcp.RetransSegs"},
    {"tcp.rto", "netstat.TcpExt.TCPTimeouts"},
    {"tcp.syn-retries", "netstat.TcpExt.TCPSynRetrans"},
}};

// Packets of the account that were TCP segments, as far as the samples show: a share of its samples
// times its packets; what a listener refuses is TCP. An account without samples hits no TCP that we
// know of.
std::uint64_t tcp_packets(const Evidence& evidence, const model::Account& account) {
  if (account.stage == model::Stage::kListen) return account.packets;
  std::set<std::string> locations;
  for (const auto& witness : account.witnesses) locations.insert(witness.location);
  std::uint64_t samples = 0;
  std::uint64_t of_tcp = 0;
  for (const auto& sample : evidence.drops.samples) {
    if (sample.tally >= evidence.drops.tallies.size()) continue;
    const auto& tally = evidence.drops.tallies[sample.tally];
    if (tally.netns != account.at.netns || !sample.flow) continue;
    const bool ours = std::ranges::any_of(
        locations, [&](const std::string& place) { return place.starts_with(tally.symbol + "+"); });
    if (!ours) continue;
    ++samples;
    if (sample.flow->protocol == "tcp") ++of_tcp;
  }
  return samples == 0 ? 0 : account.packets * of_tcp / samples;
}

std::uint64_t total(const Evidence& evidence, std::string_view counter) {
  std::uint64_t rise = 0;
  for (const auto& netns : evidence.netns) {
    if (netns.selected) {
      rise += evidence.timeline.rise(model::counter_id(counter, {{"netns", netns.id}}));
    }
  }
  return rise;
}

// The open connection of the namespaces asked about that retransmitted most, over its whole life.
std::string worst_connection(const Evidence& evidence) {
  const model::Socket* worst = nullptr;
  for (const auto& socket : evidence.sockets) {
    const auto* netns = model::find_netns(evidence, socket.netns);
    if (!socket.tcp || socket.tcp->retransmitted == 0) continue;
    if (netns == nullptr || !netns->selected) continue;
    const bool worse = worst == nullptr || socket.tcp->retransmitted > worst->tcp->retransmitted;
    if (worse) worst = &socket;
  }
  if (worst == nullptr) return {};
  return fmt::format("{} port {} to {} port {}: {} segments since it opened", worst->local,
                     worst->local_port, worst->remote, worst->remote_port,
                     base::grouped(worst->tcp->retransmitted));
}

}  // namespace

std::set<model::Question> symptom_questions(const Evidence& evidence) {
  std::set<model::Question> worth_asking;
  for (const auto& netns : evidence.netns) {
    const auto rise = [&](std::string_view counter) {
      return static_cast<double>(
          evidence.timeline.rise(model::counter_id(counter, {{"netns", netns.id}})));
    };
    const double retransmitted = rise("snmp.Tcp.RetransSegs");
    const double sent = rise("snmp.Tcp.OutSegs") + retransmitted;
    const auto ratio = evidence.thresholds.retransmission_ratio;
    if (retransmitted > 0 && retransmitted >= ratio * sent) {
      worth_asking.insert({.kind = model::Question::Kind::kTcpSockets, .netns = netns.id});
    }
  }
  return worth_asking;
}

std::vector<model::Symptom> symptoms(const Evidence& evidence, const Diagnosis& diagnosis) {
  std::vector<model::Symptom> found;
  for (const auto& row : kSymptoms) {
    const std::uint64_t value = total(evidence, row.counter);
    if (value == 0) continue;
    model::Symptom symptom{.id = std::string(row.id), .value = static_cast<double>(value)};
    if (row.id == kSymptoms.front().id) symptom.worst = worst_connection(evidence);
    std::uint64_t left = value;
    for (const auto& finding : diagnosis.findings) {
      std::uint64_t packets = 0;
      for (const auto& share : finding.accounts) {
        const auto account =
            std::ranges::find(diagnosis.accounts, share.account, &model::Account::id);
        if (account != diagnosis.accounts.end()) packets += tcp_packets(evidence, *account);
      }
      const std::uint64_t explained = std::min(left, packets);
      if (explained == 0) continue;
      left -= explained;
      symptom.explained_by.push_back(
          {finding.id, static_cast<double>(explained) / static_cast<double>(value)});
    }
    symptom.unexplained = static_cast<double>(left) / static_cast<double>(value);
    found.push_back(std::move(symptom));
  }
  return found;
}

}  // namespace diagnose
