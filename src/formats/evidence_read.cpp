// whydrop.evidence/1 -> Evidence. The file may come from anybody: each field is checked for its
// type and range, each index for what it points to, and the first complaint names its place.

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "base/text.h"
#include "formats/byte_text.h"
#include "formats/evidence_fields.h"
#include "formats/evidence_file.h"
#include "formats/json_parse.h"
#include "formats/json_path.h"

namespace formats {
namespace {

using Json = nlohmann::json;

// Unpacked: 100,000 series of an hour take 60 MB.
constexpr std::size_t kLargest = std::size_t{1} << 30;
constexpr std::string_view kSchema = "whydrop.evidence/1";

// A JSON value, its place, and where to complain.
struct Spot {
  const Json& json;
  const JsonPath& path;
  Complaint& complaint;

  void complain(std::string_view what) const { complaint.raise(path, what); }
};

void read(const Spot& spot, bool& value) {
  if (!spot.json.is_boolean()) return spot.complain("is not true or false");
  value = spot.json.get<bool>();
}

void read(const Spot& spot, double& value) {
  if (!spot.json.is_number()) return spot.complain("is not a number");
  value = spot.json.get<double>();
}

void read(const Spot& spot, std::string& value) {
  if (!spot.json.is_string()) return spot.complain("is not text");
  value = bytes_of_text(spot.json.get_ref<const std::string&>());
}

void read(const Spot& spot, model::Stage& value) {
  std::string name;
  read(spot, name);
  const auto stage = model::stage_named(name);
  if (!stage) return spot.complain("is not the name of a stage");
  value = *stage;
}

template <std::integral Number>
void read(const Spot& spot, Number& value) {
  if (!spot.json.is_number()) return spot.complain("is not a number");
  if (!spot.json.is_number_integer()) return spot.complain("is not a whole number");
  const bool fits = spot.json.is_number_unsigned()
                        ? std::in_range<Number>(spot.json.get<std::uint64_t>())
                        : std::in_range<Number>(spot.json.get<std::int64_t>());
  if (!fits) return spot.complain("is out of range");
  value = spot.json.get<Number>();
}

template <std::integral Number>
void read_exact(const Spot& spot, Number& value) {
  if (!spot.json.is_string()) return spot.complain("is not a number in quotes");
  const auto number = base::parse_number<Number>(spot.json.get_ref<const std::string&>());
  if (!number) return spot.complain("is not a number in quotes");
  value = *number;
}

template <class T>
void read(const Spot& spot, T& value);
template <class T>
void read(const Spot& spot, std::vector<T>& values);
template <class T, class Less>
void read(const Spot& spot, std::map<std::string, T, Less>& values);

template <class T>
void read(const Spot& spot, std::optional<T>& value) {
  if (spot.json.is_null()) return value.reset();
  read(spot, value.emplace());
}

template <class T>
void read(const Spot& spot, base::Boxed<T>& value) {
  if (spot.json.is_null()) return value.reset();
  read(spot, value.emplace());
}

template <class T>
void read(const Spot& spot, std::vector<T>& values) {
  if (!spot.json.is_array()) return spot.complain("is not an array");
  values.clear();
  values.reserve(spot.json.size());
  for (const auto& json : spot.json) {
    const JsonPath path(spot.path, values.size());
    read(Spot{json, path, spot.complaint}, values.emplace_back());
    if (spot.complaint.raised()) return;
  }
}

template <class T, class Less>
void read(const Spot& spot, std::map<std::string, T, Less>& values) {
  if (!spot.json.is_object()) return spot.complain("is not an object");
  values.clear();
  for (const auto& [key, json] : spot.json.items()) {
    const JsonPath path(spot.path, std::string_view(key));
    read(Spot{json, path, spot.complaint}, values[bytes_of_text(key)]);
    if (spot.complaint.raised()) return;
  }
}

class ObjectReader {
 public:
  explicit ObjectReader(const Spot& spot) : spot_(spot) {}

  template <class T>
  void operator()(const char* name, T& member) {
    look(name, [&](const Spot& spot) { read(spot, member); });
  }
  template <class T>
  void exact(const char* name, T& member) {
    look(name, [&](const Spot& spot) { read_exact(spot, member); });
  }
  void rare(const char* name, bool& member) { (*this)(name, member); }

 private:
  // A field that is missing keeps its default: an older file knew nothing of it.
  template <class Read>
  void look(const char* name, Read read_member) {
    if (spot_.complaint.raised()) return;
    const auto found = spot_.json.find(name);
    if (found == spot_.json.end()) return;
    const JsonPath path(spot_.path, std::string_view(name));
    read_member(Spot{*found, path, spot_.complaint});
  }

  const Spot& spot_;
};

class ArrayReader {
 public:
  explicit ArrayReader(const Spot& spot) : spot_(spot) {}

  template <class T>
  void operator()(const char* /*name*/, T& member) {
    look([&](const Spot& spot) { read(spot, member); });
  }
  template <class T>
  void exact(const char* /*name*/, T& member) {
    look([&](const Spot& spot) { read_exact(spot, member); });
  }

 private:
  template <class Read>
  void look(Read read_member) {
    if (spot_.complaint.raised()) return;
    if (next_ >= spot_.json.size()) return spot_.complain("has too few elements");
    const JsonPath path(spot_.path, next_);
    read_member(Spot{spot_.json[next_++], path, spot_.complaint});
  }

  const Spot& spot_;
  size_t next_ = 0;
};

template <class T>
void read(const Spot& spot, T& value) {
  if constexpr (HasElements<T>) {
    if (!spot.json.is_array()) return spot.complain("is not an array");
    ArrayReader reader(spot);
    elements(reader, value);
  } else {
    if (!spot.json.is_object()) return spot.complain("is not an object");
    ObjectReader reader(spot);
    fields(reader, value);
  }
}

// The diagnosis walks points and steps by index and by order.
void check_series(const JsonPath& path, const model::Series& series, size_t points,
                  Complaint& complaint) {
  if (series.first_read > series.last_read) complaint.raise(path, "was last read before first");
  if (!series.steps.empty() && series.last_read >= points) {
    complaint.raise(path, "was read at a point that timeline.at_ns lacks");
  }
  for (size_t at = 0; at < series.steps.size(); ++at) {
    const auto point = series.steps[at].point;
    const bool rises = at == 0 || series.steps[at - 1].point < point;
    if (!rises) return complaint.raise(path, "has steps out of order");
    if (point < series.first_read || point > series.last_read) {
      return complaint.raise(path, "has a step outside first_read to last_read");
    }
  }
}

void check_timeline(const model::Timeline& timeline, Complaint& complaint) {
  const JsonPath root;
  const JsonPath path(root, std::string_view("timeline"));
  const JsonPath times(path, std::string_view("at_ns"));
  for (size_t at = 0; at < timeline.at_ns.size(); ++at) {
    const auto before = at == 0 ? 0 : timeline.at_ns[at - 1];
    if (timeline.at_ns[at] < before) return complaint.raise(JsonPath(times, at), "goes back");
  }
  const auto check = [&](std::string_view kind, const auto& all) {
    const JsonPath below(path, kind);
    for (const auto& [id, series] : all) {
      check_series(JsonPath(below, std::string_view(id)), series, timeline.at_ns.size(), complaint);
    }
  };
  check("counters", timeline.counters);
  check("gauges", timeline.gauges);
}

void check_drops(const model::DropTrace& drops, Complaint& complaint) {
  const JsonPath root;
  const JsonPath path(root, std::string_view("drops"));
  const JsonPath samples(path, std::string_view("samples"));
  for (size_t at = 0; at < drops.samples.size(); ++at) {
    if (drops.samples[at].tally < drops.tallies.size()) continue;
    const JsonPath sample(samples, at);
    return complaint.raise(JsonPath(sample, std::string_view("tally")),
                           "is not an index of drops.tallies");
  }
}

base::Status check_schema(const Json& document) {
  const auto found = document.is_object() ? document.find("schema") : document.end();
  if (!document.is_object() || found == document.end() || !found->is_string()) {
    return base::failure("evidence: not evidence of whydrop: no schema",
                         "--from takes what `whydrop diagnose --save FILE` wrote");
  }
  const auto& schema = found->get_ref<const std::string&>();
  if (schema == kSchema) return {};
  return base::failure(
      "evidence: the schema is " + base::printable(schema) + ", not " + std::string(kSchema),
      "--from takes what `whydrop diagnose --save FILE` wrote");
}

}  // namespace

base::Result<model::Evidence> read_evidence(std::string_view text) {
  if (base::is_gzip(text)) {
    const auto unpacked = base::gunzip(text, kLargest);
    if (!unpacked) return base::failure("evidence: " + unpacked.error().what);
    return read_evidence(*unpacked);
  }
  const auto document = parse_json(text);
  if (!document) return base::failure("evidence: " + document.error().what);
  TRY(check_schema(*document));

  model::Evidence evidence;
  Complaint complaint;
  const JsonPath root;
  read(Spot{*document, root, complaint}, evidence);
  if (!complaint.raised()) check_timeline(evidence.timeline, complaint);
  if (!complaint.raised()) check_drops(evidence.drops, complaint);
  if (complaint.raised()) return base::failure("evidence: " + complaint.text());
  return evidence;
}

}  // namespace formats
