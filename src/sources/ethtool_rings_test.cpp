// Answers of drivers as the kernel gave them (tests/captures/nic).
#include "sources/ethtool_rings.h"

#include <gmock/gmock.h>
#include <linux/ethtool.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;
using testing_support::as_bytes;
using testing_support::capture;

TEST(Rings, AreSettings) {
  Look look;
  parse_rings(as_bytes(capture("nic/vmxnet3-6.1", "ethtool_ringparam")), "eth0", "1", look);
  EXPECT_EQ(look.settings.at("ethtool.ring.rx{dev=\"eth0\",netns=\"1\"}"), "32");
  EXPECT_EQ(look.settings.at("ethtool.ring.rx_max{dev=\"eth0\",netns=\"1\"}"), "4096");
}

TEST(Rings, ThatADriverDoesNotHaveAreNotTold) {
  const ethtool_ringparam none{};
  Look look;
  parse_rings(std::as_bytes(std::span(&none, 1)), "eth0", "1", look);
  EXPECT_THAT(look.settings, IsEmpty());
}

}  // namespace
}  // namespace sources
