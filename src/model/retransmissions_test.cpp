#include "model/retransmissions.h"

#include <gtest/gtest.h>

namespace model {
namespace {

TEST(Retransmissions, EachKindHasANameOfItsOwn) {
  for (std::size_t at = 0; at < kRetransmissionKinds; ++at) {
    const auto kind = static_cast<RetransmissionKind>(at);
    EXPECT_FALSE(name(kind).empty());
    EXPECT_EQ(retransmission_kind_named(name(kind)), kind);
  }
  EXPECT_EQ(name(RetransmissionKind::kUnseen), "unseen");
  EXPECT_FALSE(retransmission_kind_named("slow"));
}

TEST(Retransmissions, TheSegmentsOfAFlowAreThoseOfAllKinds) {
  RetransmittingFlow flow;
  EXPECT_EQ(segments_of(flow), 0U);
  flow.segments = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(segments_of(flow), 36U);
}

}  // namespace
}  // namespace model
