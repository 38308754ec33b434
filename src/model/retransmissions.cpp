#include "model/retransmissions.h"

#include <algorithm>
#include <numeric>

namespace model {
namespace {

constexpr std::array<std::string_view, kRetransmissionKinds> kNames = {
    "syn", "syn-ack", "loss-probe", "timeout", "loss", "fast", "other", "unseen"};

}  // namespace

std::string_view name(RetransmissionKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<RetransmissionKind> retransmission_kind_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return {};
  return static_cast<RetransmissionKind>(found - kNames.begin());
}

std::uint64_t segments_of(const RetransmittingFlow& flow) {
  return std::accumulate(flow.segments.begin(), flow.segments.end(), std::uint64_t{0});
}

}  // namespace model
