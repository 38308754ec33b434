// What a host, its kernel and a user allow whydrop to see: one check for each thing it needs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.h"

namespace model {

enum class CheckState : std::uint8_t {
  kOk,
  kMissing,  // a full diagnosis needs it, and it is not there
  kNoted,    // not there, or not as usual, and nothing is lost by it
};

// Invariant: `loses` and `enable` are filled where the state is kMissing.
struct Check {
  std::string group;  // "kernel", "tracing", "namespaces", "sources", "rights"
  std::string id;     // unique: "kernel.btf", "sources.snmp"
  std::string title;  // what is asked, in a word or two: "BTF"
  CheckState state = CheckState::kOk;
  std::string rung;    // of a ladder: the rung it stands on ("tp_btf"); "" where there is no ladder
  std::string found;   // what was seen
  std::string loses;   // what a diagnosis will not see
  std::string enable;  // what would make it possible
  std::optional<double> ms;  // what the trial took
  friend bool operator==(const Check&, const Check&) = default;
};

struct Doctor {
  std::string version;  // of whydrop
  Host host;
  std::uint32_t uid = 0;  // effective
  std::vector<Check> checks;
  Grant grant;  // of the rights that are missing
  friend bool operator==(const Doctor&, const Doctor&) = default;
};

[[nodiscard]] constexpr std::string_view name(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "ok";
    case CheckState::kMissing:
      return "missing";
    case CheckState::kNoted:
      return "noted";
  }
  return "missing";
}

[[nodiscard]] inline const Check* find_check(const Doctor& doctor, std::string_view id) {
  const auto found = std::ranges::find(doctor.checks, id, &Check::id);
  return found == doctor.checks.end() ? nullptr : &*found;
}

[[nodiscard]] inline std::uint64_t missing_checks(const Doctor& doctor) {
  return static_cast<std::uint64_t>(
      std::ranges::count(doctor.checks, CheckState::kMissing, &Check::state));
}

}  // namespace model
