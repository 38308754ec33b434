#include "diagnose/sockets.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "diagnose/reconcile.h"
#include "diagnose/samples.h"

namespace diagnose {
namespace {

using model::Covers;
using model::Evidence;
using model::Socket;
using model::WitnessKind;

constexpr std::string_view kAcceptQueue = "listen.accept-queue-full";
constexpr std::string_view kSynQueue = "listen.syn-queue-full";

bool is_listener_place(std::string_view place) {
  return place == kAcceptQueue || place == kSynQueue;
}

// Places whose packets a socket's own drop counter counts as well.
bool lies_in_socket(std::string_view place) {
  return place == "udp.receive-buffer-full" || is_listener_place(place);
}

bool can_hold(std::string_view place, const Socket& socket) {
  if (is_listener_place(place)) return socket.state == "listen";
  return socket.protocol == "udp";
}

struct Part {
  std::uint64_t traced = 0;
  std::uint64_t dropped_by_sockets = 0;
  std::vector<const Entry*> entries;
};

// A listener's one counter holds what its accept queue refused and what its SYN queue refused. Its
// accept queue was seen full, or it was not.
bool fits_queue(const Evidence& evidence, std::string_view place, const Socket& listener) {
  const bool was_full = longest_accept_queue(evidence, listener) > listener.send_queue;
  return was_full == (place == kAcceptQueue);
}

// The sockets with drops that may be this place's; where only some of the listeners fit, those.
std::vector<const Socket*> suspects(const Evidence& evidence, std::string_view place,
                                    const model::Inode& netns) {
  std::vector<const Socket*> all;
  for (const auto& socket : evidence.sockets) {
    const bool here = socket.netns == netns && can_hold(place, socket);
    if (here && drops_inside(socket) > 0) all.push_back(&socket);
  }
  if (!is_listener_place(place)) return all;
  auto fitting = all;
  std::erase_if(fitting, [&](const Socket* one) { return !fits_queue(evidence, place, *one); });
  return fitting.empty() ? all : fitting;
}

std::map<std::uint16_t, Part> parts_by_port(const Evidence& evidence,
                                            std::span<const Entry> entries,
                                            const model::Account& pool) {
  std::map<std::uint16_t, Part> parts;
  for (const auto& entry : entries) {
    if (entry.witness.kind != WitnessKind::kTrace || entry.port == 0) continue;
    parts[entry.port].traced += entry.witness.packets;
    parts[entry.port].entries.push_back(&entry);
  }
  // Before 6.11 kfree_skb does not name the receiving socket (no rx_sk): the trace has no ports.
  const bool trace_has_ports = !parts.empty();
  for (const Socket* socket : suspects(evidence, pool.account, pool.at.netns)) {
    // A socket's counter holds all its drops (checksum, filter): it makes an account of its own
    // only where the trace cannot say.
    if (!parts.contains(socket->local_port) && trace_has_ports) continue;
    parts[socket->local_port].dropped_by_sockets += drops_inside(*socket);
  }
  return parts;
}

model::Hit hit_of(const Socket& socket, std::uint64_t packets) {
  model::Hit hit{.netns = socket.netns, .packets = packets};
  if (const auto& owner = socket.owner) {
    hit.container = owner->container;
    hit.unit = owner->unit;
    hit.cgroup = owner->cgroup;
    hit.pid = owner->pid;
    hit.comm = owner->comm;
  }
  return hit;
}

void add_socket_witnesses(const Evidence& evidence, Booked& booked) {
  auto& account = booked.account;
  for (const Socket* socket :
       sockets_at(evidence, account.account, account.at.netns, booked.port)) {
    const std::uint64_t drops = drops_inside(*socket);
    account.at.socket = socket_text(*socket);
    if (drops == 0) continue;
    account.witnesses.push_back(
        {.kind = WitnessKind::kCounter,
         .id = model::counter_id("sockets.drops", {{"inode", std::to_string(socket->inode)},
                                                   {"local", socket_text(*socket)},
                                                   {"netns", socket->netns}}),
         .covers = Covers::kIncludes,
         .packets = drops});
    auto hit = hit_of(*socket, drops);
    hit.flow = common_flow(evidence, booked);
    account.hits.push_back(std::move(hit));
  }
}

Booked socket_account(const Evidence& evidence, const Booked& pool, std::uint16_t port,
                      const Part& part, bool alone) {
  Booked booked;
  booked.port = port;
  booked.echo_keys = pool.echo_keys;
  auto& account = booked.account;
  account.account = pool.account.account;
  account.stage = pool.account.stage;
  account.direction = pool.account.direction;
  account.klass = pool.account.klass;
  account.at = pool.account.at;
  account.at.socket =
      fmt::format("{} :{}", is_listener_place(account.account) ? "tcp" : "udp", port);
  account.packets = part.traced > 0 ? part.traced : part.dropped_by_sockets;
  for (const auto& witness : pool.account.witnesses) {
    if (witness.kind == WitnessKind::kTrace && !part.entries.empty()) continue;
    account.witnesses.push_back(witness);
    account.witnesses.back().covers = alone ? Covers::kExact : Covers::kIncludes;
  }
  // Without ports in the trace, all of it is this socket's only where there is no other.
  if (part.entries.empty() && alone) booked.tallies = pool.tallies;
  for (const Entry* entry : part.entries) {
    if (entry->tally) booked.tallies.push_back(*entry->tally);
    account.witnesses.push_back(entry->witness);
    account.series.resize(std::max(account.series.size(), entry->series.size()));
    for (size_t at = 0; at < entry->series.size(); ++at) account.series[at] += entry->series[at];
  }
  if (account.series.empty() && alone) account.series = pool.account.series;
  add_socket_witnesses(evidence, booked);
  if (account.hits.empty()) {
    account.hits.push_back({.netns = account.at.netns,
                            .flow = common_flow(evidence, booked),
                            .packets = account.packets});
  }
  account.reconciliation = pool.account.reconciliation;
  if (!alone) {
    account.reconciliation.why = "compared for the whole namespace: " + account.reconciliation.why;
  }
  return booked;
}

}  // namespace

std::uint64_t drops_inside(const Socket& socket) {
  return socket.drops - std::min(socket.drops, socket.drops_at_start.value_or(0));
}

std::uint64_t longest_accept_queue(const Evidence& evidence, const Socket& listener) {
  const auto id =
      model::counter_id("sockets.accept_queue",
                        {{"inode", std::to_string(listener.inode)}, {"netns", listener.netns}});
  std::uint64_t longest = listener.receive_queue;
  if (const auto* series = evidence.timeline.gauge(id)) {
    for (const auto& step : series->steps) longest = std::max(longest, step.value);
  }
  return longest;
}

std::vector<const Socket*> sockets_at(const Evidence& evidence, std::string_view place,
                                      const model::Inode& netns, std::uint16_t port) {
  std::vector<const Socket*> found;
  for (const auto& socket : evidence.sockets) {
    const bool here = socket.netns == netns && can_hold(place, socket);
    if (here && socket.local_port == port) found.push_back(&socket);
  }
  std::ranges::sort(found, {}, [](const Socket* socket) {
    return std::pair(~drops_inside(*socket), socket->inode);
  });
  return found;
}

std::string socket_text(const Socket& socket) {
  const bool any = socket.local.empty() || socket.local == "0.0.0.0" || socket.local == "::";
  const bool v6 = socket.local.find(':') != std::string::npos;
  const std::string address = any ? "*" : v6 ? "[" + socket.local + "]" : socket.local;
  return fmt::format("{} {}:{}", socket.protocol, address, socket.local_port);
}

std::vector<Booked> split_by_socket(const Evidence& evidence, std::span<const Entry> entries,
                                    Booked pool) {
  std::vector<Booked> split;
  if (!lies_in_socket(pool.account.account)) {
    split.push_back(std::move(pool));
    return split;
  }
  const auto parts = parts_by_port(evidence, entries, pool.account);
  std::uint64_t booked = 0;
  for (const auto& [port, part] : parts) {
    split.push_back(socket_account(evidence, pool, port, part, parts.size() == 1));
    booked += split.back().account.packets;
  }
  if (split.empty()) {
    split.push_back(std::move(pool));
    return split;
  }
  auto& biggest =
      *std::ranges::max_element(split, {}, [](const Booked& one) { return one.account.packets; });
  if (booked > pool.account.packets) {
    // Sockets' counters may hold drops of other places: they cannot book more than the namespace.
    const std::uint64_t excess = booked - pool.account.packets;
    biggest.account.packets -= std::min(excess, biggest.account.packets);
    return split;
  }
  const std::uint64_t rest = pool.account.packets - booked;
  if (split.size() == 1 || rest <= pool.account.reconciliation.tolerance) {
    biggest.account.packets += rest;
    return split;
  }
  pool.account.packets = rest;
  pool.account.series.clear();
  pool.tallies.clear();
  std::erase_if(pool.account.witnesses,
                [](const auto& one) { return one.kind == WitnessKind::kTrace; });
  for (auto& witness : pool.account.witnesses) witness.covers = Covers::kIncludes;
  pool.account.hits.clear();
  split.push_back(std::move(pool));
  return split;
}

std::string port_filter(std::uint16_t port) {
  return port == 0 ? "" : fmt::format(" 'sport = :{}'", port);
}

}  // namespace diagnose
