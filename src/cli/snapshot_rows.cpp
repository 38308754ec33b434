#include "cli/snapshot_rows.h"

#include <fnmatch.h>

#include <algorithm>

#include "diagnose/by_hand.h"
#include "diagnose/driver_statistics.h"

namespace cli {
namespace {

using render::SnapshotRow;
using Kind = SnapshotRow::Kind;

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

bool fits(const std::string& pattern, const std::string& name) {
  const auto glob = is_glob(pattern) ? pattern : "*" + pattern + "*";
  return fnmatch(glob.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
}

bool is_asked_for(const std::vector<std::string>& patterns, const model::CounterId& id) {
  const std::string name(model::counter_name(id));
  const std::string without_source = name.substr(name.find('.') + 1);
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return fits(pattern, name) || fits(pattern, without_source);
         });
}

SnapshotRow row_of_value(const model::Evidence& evidence, const model::CounterId& id, Kind kind,
                         std::string value) {
  SnapshotRow row{.id = id, .kind = kind, .value = std::move(value)};
  if (const auto* known = diagnose::row_of(evidence, id)) {
    row.stage = known->stage;
    row.is_loss = known->role == knowledge::Role::kExact && known->klass == model::Class::kLoss;
  }
  return row;
}

}  // namespace

std::vector<SnapshotRow> snapshot_rows(const model::Evidence& evidence,
                                       const SnapshotFilter& filter) {
  std::vector<SnapshotRow> rows;
  const auto add = [&](const model::CounterId& id, Kind kind, const std::string& value) {
    if (!filter.with_zeros && value == "0") return;
    if (!is_asked_for(filter.names, id)) return;
    auto row = row_of_value(evidence, id, kind, value);
    if (filter.stage && row.stage != filter.stage) return;
    if (filter.with_commands) row.command = diagnose::command_by_hand(evidence, id);
    rows.push_back(std::move(row));
  };
  for (const auto& [id, series] : evidence.timeline.counters) {
    add(id, Kind::kCounter, std::to_string(series.last()));
  }
  for (const auto& [id, series] : evidence.timeline.gauges) {
    add(id, Kind::kGauge, std::to_string(series.last()));
  }
  for (const auto& [id, value] : evidence.settings) add(id, Kind::kSetting, value);
  std::ranges::sort(rows, {}, &SnapshotRow::id);
  return rows;
}

std::vector<const model::Socket*> shown_sockets(const model::Evidence& evidence, bool all) {
  std::vector<const model::Socket*> shown;
  for (const auto& socket : evidence.sockets) {
    const bool waits =
        socket.receive_queue > 0 || (socket.send_queue > 0 && socket.state != "listen");
    const bool sent_again = socket.tcp && (socket.tcp->retransmitted > 0 || socket.tcp->lost > 0);
    if (all || waits || socket.drops > 0 || sent_again) shown.push_back(&socket);
  }
  return shown;
}

}  // namespace cli
