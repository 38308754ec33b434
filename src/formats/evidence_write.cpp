// Evidence -> whydrop.evidence/1. Fields come in the order of evidence_fields.h, map keys in the
// order of the map: equal evidence gives equal bytes.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "formats/byte_text.h"
#include "formats/evidence_fields.h"
#include "formats/evidence_file.h"

namespace formats {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json json_of(const T& value);
template <class T>
Json json_of(const std::vector<T>& values);
template <class T, class Less>
Json json_of(const std::map<std::string, T, Less>& values);

template <class T>
Json json_of(const std::optional<T>& value) {
  return value ? json_of(*value) : Json(nullptr);
}

template <class T>
Json json_of(const base::Boxed<T>& value) {
  return value ? json_of(*value) : Json(nullptr);
}

template <class T>
Json json_of(const std::vector<T>& values) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(json_of(value));
  return array;
}

// The object of ordered_json looks through all its keys at each insertion; the keys of a map are
// known to differ, and there are thousands, so they go straight to the vector below.
template <class T, class Less>
Json json_of(const std::map<std::string, T, Less>& values) {
  Json object = Json::object();
  auto& members = static_cast<Json::object_t::Container&>(object.get_ref<Json::object_t&>());
  members.reserve(values.size());
  for (const auto& [key, value] : values) members.emplace_back(text_of_bytes(key), json_of(value));
  return object;
}

class ObjectWriter {
 public:
  template <class T>
  void operator()(const char* name, const T& member) {
    json_[name] = json_of(member);
  }
  void exact(const char* name, auto member) { json_[name] = std::to_string(member); }
  void rare(const char* name, bool member) {
    if (member) json_[name] = true;
  }
  [[nodiscard]] Json& json() { return json_; }

 private:
  Json json_ = Json::object();
};

class ArrayWriter {
 public:
  template <class T>
  void operator()(const char* /*name*/, const T& member) {
    json_.push_back(json_of(member));
  }
  void exact(const char* /*name*/, auto member) { json_.push_back(std::to_string(member)); }
  [[nodiscard]] Json& json() { return json_; }

 private:
  Json json_ = Json::array();
};

template <class T>
Json json_of(const T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return text_of_bytes(value);
  } else if constexpr (std::is_same_v<T, model::Stage>) {
    return model::name(value);
  } else if constexpr (HasElements<const T>) {
    ArrayWriter writer;
    elements(writer, value);
    return std::move(writer.json());
  } else {
    ObjectWriter writer;
    fields(writer, value);
    return std::move(writer.json());
  }
}

}  // namespace

std::string write_evidence(const model::Evidence& evidence) {
  ObjectWriter writer;
  writer("schema", std::string("whydrop.evidence/1"));
  fields(writer, evidence);
  return writer.json().dump() + "\n";
}

}  // namespace formats
