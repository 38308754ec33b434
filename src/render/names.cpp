#include "render/names.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace render {
namespace {

using base::printable;

const model::Netns* find(const model::Diagnosis& diagnosis, const model::Inode& netns) {
  const auto found = std::ranges::find(diagnosis.netns, netns, &model::Netns::id);
  return found == diagnosis.netns.end() ? nullptr : &*found;
}

}  // namespace

std::string netns_text(const model::Netns& netns) {
  std::vector<std::string> notes;
  if (netns.name.empty() && !netns.comm.empty()) notes.push_back(fmt::format("pid {}", netns.pid));
  if (netns.container) {
    notes.push_back("container " + printable(netns.container_name.value_or(*netns.container)));
  } else if (netns.unit) {
    notes.push_back("unit " + printable(*netns.unit));
  }
  auto text = netns.name.empty() ? printable(netns.comm) : printable(netns.name);
  if (text.empty()) text = "inode:" + printable(netns.id);
  if (!notes.empty()) text += fmt::format(" ({})", fmt::join(notes, ", "));
  return text;
}

std::string netns_text(const model::Diagnosis& diagnosis, const model::Inode& netns) {
  if (netns.empty()) return "";
  const auto* known = find(diagnosis, netns);
  return known == nullptr ? "inode:" + printable(netns) : netns_text(*known);
}

std::string place_text(const model::Diagnosis& diagnosis, const model::Place& place) {
  std::vector<std::string> parts;
  if (!place.socket.empty()) parts.push_back(printable(place.socket));
  if (!place.dev.empty()) parts.push_back("device " + printable(place.dev));
  if (place.queue) parts.push_back(fmt::format("queue {}", *place.queue));
  if (place.cpu) parts.push_back(fmt::format("CPU {}", *place.cpu));
  if (!place.netns.empty()) parts.push_back("namespace " + netns_text(diagnosis, place.netns));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string hit_text(const model::Diagnosis& diagnosis, const model::Hit& hit,
                     const model::Inode& at) {
  std::vector<std::string> parts;
  const bool elsewhere = !hit.netns.empty() && hit.netns != at;
  if (elsewhere) parts.push_back("namespace " + netns_text(diagnosis, hit.netns));
  if (!hit.comm.empty() && hit.pid) {
    parts.push_back(fmt::format("{} (pid {})", printable(hit.comm), *hit.pid));
  } else if (!hit.comm.empty()) {
    parts.push_back(printable(hit.comm));
  }
  if (hit.unit) parts.push_back("unit " + printable(*hit.unit));
  if (hit.container) parts.push_back("container " + printable(*hit.container));
  if (hit.flow) {
    const auto& flow = *hit.flow;
    parts.push_back(fmt::format("{} {} to {}", printable(flow.protocol),
                                end_text(flow.source, flow.source_port),
                                end_text(flow.destination, flow.destination_port)));
  }
  if (parts.empty() && !hit.cgroup.empty()) parts.push_back("cgroup " + printable(hit.cgroup));
  if (parts.empty() && !hit.netns.empty()) {
    parts.push_back("namespace " + netns_text(diagnosis, hit.netns));
  }
  if (parts.empty()) return "";
  if (hit.packets > 0) parts.push_back(packets_text(hit.packets));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string end_text(const std::string& address, std::uint16_t port) {
  const auto safe = printable(address);
  if (port == 0) return safe;
  const bool is_v6 = safe.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", safe, port) : fmt::format("{}:{}", safe, port);
}

std::string packets_text(std::uint64_t packets) {
  return base::grouped(packets) + (packets == 1 ? " packet" : " packets");
}

}  // namespace render
