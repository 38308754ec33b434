// One look at everything (whydrop snapshot) -> text and JSON. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/evidence.h"
#include "render/render.h"

namespace render {

// One number or setting, as it is shown.
struct SnapshotRow {
  enum class Kind { kCounter, kGauge, kSetting };

  std::string id;  // of the counter, the gauge or the setting
  Kind kind = Kind::kCounter;
  std::string value;                  // decimal for counters and gauges
  std::optional<model::Stage> stage;  // nothing where the tables do not know it
  bool is_loss = false;               // counts lost packets
  std::string command;  // that shows the same by hand; "" = none does, or not asked for
};

struct SnapshotPage {
  const model::Evidence& evidence;
  std::vector<SnapshotRow> rows;                   // what was asked for, sorted by id
  std::size_t read = 0;                            // how many there are in all
  bool with_sockets = false;                       // that were asked for
  std::vector<const model::Socket*> sockets = {};  // that are shown
};

// In groups by namespace, source and device; what is of no namespace comes first.
[[nodiscard]] std::string terminal(const SnapshotPage& page, const TerminalStyle& style);

// whydrop.snapshot/1, one document, ending in a newline.
[[nodiscard]] std::string json(const SnapshotPage& page);

}  // namespace render
