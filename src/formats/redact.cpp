#include "formats/redact.h"

#include <arpa/inet.h>

#include <array>
#include <cstdio>
#include <span>

#include "base/hash.h"

namespace formats {
namespace {

// A keyed hash whose every bit depends on every byte (the mixer of SplitMix64). It keeps honest
// readers from names; it is no cipher.
std::uint64_t mixed(const base::Fnv1a& hash) {
  std::uint64_t value = hash.value();
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

void flip_by_prefix(std::span<std::uint8_t> bytes, std::uint64_t key) {
  base::Fnv1a prefix(key);
  for (auto& byte : bytes) {
    std::uint8_t flips = 0;
    for (int bit = 7; bit >= 0; --bit) {
      const auto before = static_cast<std::uint8_t>(byte >> (bit + 1));
      base::Fnv1a here = prefix;
      here.add(before).add(static_cast<std::uint8_t>(bit));
      flips = static_cast<std::uint8_t>(flips | ((mixed(here) & 1U) << bit));
    }
    prefix.add(byte);
    byte ^= flips;
  }
}

bool is_well_known(std::string_view address) {
  return address.empty() || address == "0.0.0.0" || address == "::" || address == "::1" ||
         address.starts_with("127.");
}

std::string pseudonym(std::string_view kind, std::string_view name, std::uint64_t key) {
  if (name.empty()) return {};
  char text[40];
  std::snprintf(text, sizeof text, "%.*s-%06x", static_cast<int>(kind.size()), kind.data(),
                static_cast<unsigned>(mixed(base::Fnv1a(key).add(kind).add(name)) & 0xffffff));
  return text;
}

void redact(model::Owner& owner, std::uint64_t key) {
  owner.comm = pseudonym("process", owner.comm, key);
  owner.cgroup = pseudonym("cgroup", owner.cgroup, key);
  if (owner.unit) owner.unit = pseudonym("unit", *owner.unit, key);
  if (owner.container) owner.container = pseudonym("container", *owner.container, key);
}

void redact(model::Flow& flow, std::uint64_t key) {
  flow.source = redacted_address(flow.source, key);
  flow.destination = redacted_address(flow.destination, key);
}

// "10.0.0.1/24": the address is hidden, its length is kept.
std::string redacted_prefix(const std::string& prefix, std::uint64_t key) {
  const auto slash = prefix.find('/');
  const auto address = redacted_address(std::string_view(prefix).substr(0, slash), key);
  return slash == std::string::npos ? address : address + prefix.substr(slash);
}

// Where the binary lies may tell whose it is.
void redact(model::Grant& grant) {
  constexpr std::string_view kBeforePath = "+ep ";
  const auto found = grant.command.find(kBeforePath);
  if (found == std::string::npos) return;
  grant.command.replace(found + kBeforePath.size(), std::string::npos, "whydrop");
}

// The number of a process, in the path and in a name made of it, tells nothing.
void redact(model::Netns& netns, std::uint64_t key) {
  const bool by_process = netns.enter_path.starts_with("/proc/");
  if (netns.name != "init" && !by_process) netns.name = pseudonym("netns", netns.name, key);
  if (!netns.enter_path.empty() && !by_process) {
    netns.enter_path.replace(netns.enter_path.rfind('/') + 1, std::string::npos, netns.name);
  }
  netns.comm = pseudonym("process", netns.comm, key);
  if (netns.unit) netns.unit = pseudonym("unit", *netns.unit, key);
  if (netns.container) netns.container = pseudonym("container", *netns.container, key);
  if (netns.container_name) {
    netns.container_name = pseudonym("container", *netns.container_name, key);
  }
}

void redact(model::Host& host, std::uint64_t key) {
  host.name = pseudonym("host", host.name, key);
  host.id = pseudonym("id", host.id, key);
  host.boot_id = pseudonym("boot", host.boot_id, key);
  host.labels.clear();
}

}  // namespace

std::string redacted_address(std::string_view address, std::uint64_t key) {
  if (is_well_known(address)) return std::string(address);
  const std::string text(address);
  std::array<std::uint8_t, 16> bytes{};
  char out[INET6_ADDRSTRLEN] = {};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    flip_by_prefix(std::span(bytes).first(4), key);
    return inet_ntop(AF_INET, bytes.data(), out, sizeof out);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    flip_by_prefix(bytes, key);
    return inet_ntop(AF_INET6, bytes.data(), out, sizeof out);
  }
  return pseudonym("address", address, key);
}

model::Evidence redacted(model::Evidence evidence, std::uint64_t key) {
  redact(evidence.host, key);
  for (auto& netns : evidence.netns) redact(netns, key);
  redact(evidence.grant);
  for (auto& socket : evidence.sockets) {
    socket.local = redacted_address(socket.local, key);
    socket.remote = redacted_address(socket.remote, key);
    if (socket.owner) redact(*socket.owner, key);
  }
  for (auto& device : evidence.devices) {
    for (auto& address : device.addresses) address = redacted_prefix(address, key);
  }
  for (auto& route : evidence.special_routes) {
    route.destination = redacted_prefix(route.destination, key);
  }
  for (auto& lookup : evidence.route_lookups) {
    lookup.source = redacted_address(lookup.source, key);
    lookup.destination = redacted_address(lookup.destination, key);
    lookup.gateway = redacted_address(lookup.gateway, key);
  }
  for (auto& neighbour : evidence.neighbours) {
    neighbour.address = redacted_address(neighbour.address, key);
    neighbour.link_layer = pseudonym("link-layer", neighbour.link_layer, key);
  }
  for (auto& program : evidence.path_programs) {
    program.name = pseudonym("program", program.name, key);
  }
  for (auto& chain : evidence.firewall_chains) {
    chain.table = pseudonym("table", chain.table, key);
    chain.name = pseudonym("chain", chain.name, key);
    for (auto& name : chain.leads_to) name = pseudonym("chain", name, key);
  }
  for (auto& sample : evidence.drops.samples) {
    sample.headers_hex.clear();
    sample.comm = pseudonym("process", sample.comm, key);
    if (sample.flow) redact(*sample.flow, key);
  }
  for (auto& tracer : evidence.drops.other_tracers) tracer = pseudonym("tracer", tracer, key);
  // Kernel messages are free text; only what kind they were is kept.
  for (auto& message : evidence.kernel_messages) message.text.clear();
  return evidence;
}

}  // namespace formats
