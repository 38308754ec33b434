#include "render/value_groups.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "render/columns.h"
#include "render/names.h"
#include "render/socket_list.h"

namespace render {
namespace {

using base::grouped;
using base::printable;

// Where rows stand together: position of the namespace (0 = the host), source, device, and the
// command that shows them, where that is wanted.
using GroupKey = std::tuple<std::size_t, std::string, std::string, std::string>;

struct Line {
  std::string label;
  std::string value;
  Ink ink = Ink::kPlain;
};

using Group = std::vector<Line>;

std::string_view source_of(std::string_view id) {
  const auto name = model::counter_name(id);
  return name.substr(0, name.find('.'));
}

std::size_t position_of(const model::Evidence& evidence, const model::Inode& netns) {
  if (netns.empty()) return 0;
  const auto found = std::ranges::find(evidence.netns, netns, &model::Netns::id);
  return 1 + static_cast<std::size_t>(found - evidence.netns.begin());
}

std::string netns_heading(const model::Evidence& evidence, std::size_t position) {
  if (position == 0) return "host";
  if (position > evidence.netns.size()) return "another namespace";
  return netns_text(evidence.netns[position - 1]);
}

// What follows the source, and the labels that the group does not say: "drops queue 3".
std::string label_of(const SnapshotRow& row) {
  const auto name = model::counter_name(row.id);
  std::string text(name.substr(std::min(name.find('.'), name.size() - 1) + 1));
  for (const auto& [label, value] : model::counter_labels(row.id)) {
    if (label == "netns" || label == "dev" || label == "shared") continue;
    text += fmt::format("  {} {}", label, value);
  }
  return printable(text);
}

std::string value_text(const SnapshotRow& row) {
  const auto number = base::parse_number(row.value);
  const bool counted = row.kind != SnapshotRow::Kind::kSetting;
  return counted && number ? grouped(*number) : printable(row.value);
}

Ink ink_of(const SnapshotRow& row) {
  if (row.kind == SnapshotRow::Kind::kSetting) return Ink::kFaint;
  return row.is_loss && row.value != "0" ? Ink::kStrong : Ink::kPlain;
}

std::map<GroupKey, Group> grouped_rows(const SnapshotPage& page) {
  std::map<GroupKey, Group> groups;
  for (const auto& row : page.rows) {
    const auto netns = model::counter_label(row.id, "netns");
    auto& group = groups[{position_of(page.evidence, netns), std::string(source_of(row.id)),
                          model::counter_label(row.id, "dev"), row.command}];
    group.push_back({label_of(row), value_text(row), ink_of(row)});
  }
  return groups;
}

std::map<std::size_t, std::vector<const model::Socket*>> grouped_sockets(const SnapshotPage& page) {
  std::map<std::size_t, std::vector<const model::Socket*>> groups;
  for (const auto* socket : page.sockets) {
    groups[position_of(page.evidence, socket->netns)].push_back(socket);
  }
  return groups;
}

// " to eth0 in web": the other end of a veth device.
std::string peer_text(const model::Evidence& evidence, std::size_t position,
                      const std::string& name) {
  if (position == 0 || position > evidence.netns.size()) return {};
  const auto& netns = evidence.netns[position - 1].id;
  const auto device = std::ranges::find_if(evidence.devices, [&](const model::Device& one) {
    return one.name == name && one.netns == netns;
  });
  if (device == evidence.devices.end() || !device->peer) return {};
  const auto* there = model::find_netns(evidence, device->peer->netns);
  auto text = " to " + printable(device->peer->name);
  if (there != nullptr && there->id != netns) text += " in " + netns_text(*there);
  return text;
}

void write_group(const SnapshotPage& page, const GroupKey& key, const Group& group, Sheet& sheet) {
  const auto& [position, source, device, command] = key;
  auto heading = printable(device.empty() ? source : source + " " + device);
  if (source == "link") heading += peer_text(page.evidence, position, device);
  sheet.line("  " + sheet.inked(Ink::kStrong, heading));
  if (!command.empty()) {
    sheet.line("    " + sheet.inked(Ink::kFaint, "$ " + printable(command)));
  }
  int labels = 0;
  int values = 0;
  for (const auto& line : group) {
    labels = std::max(labels, columns_of(line.label));
    values = std::max(values, columns_of(line.value));
  }
  for (const auto& line : group) {
    const auto gap = static_cast<std::size_t>(values - columns_of(line.value));
    sheet.line(fmt::format("    {}  {}{}", padded(line.label, labels), std::string(gap, ' '),
                           sheet.inked(line.ink, line.value)));
  }
}

}  // namespace

void draw_values(const SnapshotPage& page, Sheet& sheet) {
  const auto groups = grouped_rows(page);
  const auto sockets = grouped_sockets(page);
  for (std::size_t position = 0; position <= page.evidence.netns.size() + 1; ++position) {
    const auto first = groups.lower_bound({position, "", "", ""});
    const auto last = groups.lower_bound({position + 1, "", "", ""});
    const auto held = sockets.find(position);
    if (first == last && held == sockets.end()) continue;
    sheet.line();
    sheet.line(sheet.inked(Ink::kStrong, netns_heading(page.evidence, position)));
    for (auto group = first; group != last; ++group) {
      write_group(page, group->first, group->second, sheet);
    }
    if (held != sockets.end()) draw_sockets(sheet, held->second);
  }
}

}  // namespace render
