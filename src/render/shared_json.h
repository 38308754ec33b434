// The objects that several documents of ours hold.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/evidence.h"

namespace render {

template <class T>
[[nodiscard]] nlohmann::ordered_json value_or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

template <class T, class Function>
[[nodiscard]] nlohmann::ordered_json array_of(const std::vector<T>& values, Function json_of) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& value : values) array.push_back(json_of(value));
  return array;
}

[[nodiscard]] nlohmann::ordered_json text_or_null(const std::string& text);
[[nodiscard]] nlohmann::ordered_json host_json(const model::Host& host);
[[nodiscard]] nlohmann::ordered_json netns_json(const model::Netns& netns);
[[nodiscard]] nlohmann::ordered_json device_json(const model::Device& device);
[[nodiscard]] nlohmann::ordered_json blind_spot_json(const model::BlindSpot& spot);
[[nodiscard]] nlohmann::ordered_json grant_json(const model::Grant& grant);

}  // namespace render
