// Baselines -> text and JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"
#include "render/render.h"

namespace render {

struct BaselinePage {
  std::string name;
  const model::Evidence& evidence;
};

// When and where it was taken, and per second what moved in it; verbose: settings too.
[[nodiscard]] std::string terminal(const BaselinePage& page, const TerminalStyle& style);

// whydrop.baseline/1: the same with all rates and settings; rates of counters that did not move are
// 0, those that were read only once are missing.
[[nodiscard]] std::string json(const BaselinePage& page);

struct BaselineEntry {
  std::string name;
  std::string path;
  base::Result<model::Evidence> evidence;  // error: why it cannot be used
};

// A line each; those that cannot be used say why.
[[nodiscard]] std::string terminal(const std::vector<BaselineEntry>& entries,
                                   const TerminalStyle& style);
// whydrop.baselines/1.
[[nodiscard]] std::string json(const std::vector<BaselineEntry>& entries);

}  // namespace render
