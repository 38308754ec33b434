#include "model/comparison.h"

#include <array>

#include "model/normal.h"

namespace model {
namespace {

constexpr std::array<std::string_view, 4> kMovements = {"same", "more", "less", "unknown"};
constexpr std::array<std::string_view, 4> kCertainties = {"none", "few-bursts", "more-than-chance",
                                                          "far-more-than-chance"};
constexpr std::array<std::string_view, 5> kDepartures = {"normal", "more", "less", "new",
                                                         "unknown"};

}  // namespace

std::string_view name(Movement movement) {
  return kMovements[static_cast<std::size_t>(movement)];
}
std::string_view name(Certainty certainty) {
  return kCertainties[static_cast<std::size_t>(certainty)];
}
std::string_view name(Departure departure) {
  return kDepartures[static_cast<std::size_t>(departure)];
}

}  // namespace model
