#include "model/diagnosis.h"

#include <array>

namespace model {
namespace {

template <class Enum, size_t count>
std::string_view pick(const std::array<std::string_view, count>& names, Enum value) {
  return names[static_cast<size_t>(value)];
}

constexpr std::array<std::string_view, 2> kKinds = {"counter", "trace"};
constexpr std::array<std::string_view, 2> kCovers = {"exact", "includes"};
constexpr std::array<std::string_view, 5> kAgreements = {"agree", "counter_more", "trace_more",
                                                         "single", "not_comparable"};
constexpr std::array<std::string_view, 3> kSeverities = {"critical", "warning", "notice"};
constexpr std::array<std::string_view, 3> kConfidences = {"high", "medium", "low"};
constexpr std::array<std::string_view, 7> kStageStates = {"ok",    "loss",     "policy", "refused",
                                                          "noise", "pressure", "blind"};
constexpr std::array<std::string_view, 7> kVerdicts = {
    "healthy", "loss", "policy", "pressure", "elsewhere", "unknown", "inconclusive"};

}  // namespace

std::string_view name(WitnessKind kind) {
  return pick(kKinds, kind);
}
std::string_view name(Covers covers) {
  return pick(kCovers, covers);
}
std::string_view name(Agreement agreement) {
  return pick(kAgreements, agreement);
}
std::string_view name(Severity severity) {
  return pick(kSeverities, severity);
}
std::string_view name(Confidence confidence) {
  return pick(kConfidences, confidence);
}
std::string_view name(StageState state) {
  return pick(kStageStates, state);
}
std::string_view name(Verdict verdict) {
  return pick(kVerdicts, verdict);
}

}  // namespace model
