// Every cause id of the contract: places, at which packets are lost, and roots, which lie deeper.
#pragma once

#include <span>
#include <string_view>

#include "model/stage.h"

namespace knowledge {

// Where packets are lost: what an account and a finding are named after.
struct Place {
  std::string_view id;  // "udp.receive-buffer-full"
  model::Stage stage = model::Stage::kNetwork;
  model::Direction direction = model::Direction::kReceive;
  model::Class klass = model::Class::kLoss;
  std::string_view meaning;  // one sentence
  // Why the trace sees fewer packets here than the counter; "" where it sees all.
  std::string_view silent = {};
};

// Why packets are lost there: what stands in a finding's `because`.
struct Root {
  std::string_view id;  // "app.slow-reader"
  model::Stage stage = model::Stage::kNetwork;
  std::string_view meaning;  // one sentence
};

// All rows, sorted by id.
[[nodiscard]] std::span<const Place> places();
[[nodiscard]] std::span<const Root> roots();

// Null where the id is not known.
[[nodiscard]] const Place* find_place(std::string_view id);
[[nodiscard]] const Root* find_root(std::string_view id);

}  // namespace knowledge
