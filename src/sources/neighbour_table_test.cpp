#include "sources/neighbour_table.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing_support::as_bytes;
using testing_support::capture;

// tests/kernels/capture_routing.py: of IPv4 one permanent and one failed, of IPv6 one stale.
TEST(NeighbourTable, CountsByDeviceAndState) {
  const auto messages = base::netlink_messages(as_bytes(capture("6.18", "rtm_getneigh.bin")));
  std::vector<model::Device> devices;
  for (std::uint32_t ifindex = 1; ifindex < 10; ++ifindex) {
    devices.push_back({.netns = "7", .ifindex = ifindex, .name = "veth0"});
  }
  const base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  Look look;
  count_neighbours(messages, {.files = files, .netlink = netlink, .netns = "7", .devices = devices},
                   look);
  const auto entries = [&](const char* family, const char* state) {
    return look.gauges[model::counter_id(
        "neighbour.entries",
        {{"dev", "veth0"}, {"family", family}, {"netns", "7"}, {"state", state}})];
  };
  EXPECT_EQ(entries("ip", "permanent"), 1U);
  EXPECT_EQ(entries("ip", "failed"), 1U);
  EXPECT_EQ(entries("ip6", "stale"), 1U);
}

TEST(NeighbourTable, OfADeviceThatCameMeanwhileAreLeftOut) {
  const auto messages = base::netlink_messages(as_bytes(capture("6.18", "rtm_getneigh.bin")));
  const base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  Look look;
  count_neighbours(messages, {.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_TRUE(look.gauges.empty());
}

}  // namespace
}  // namespace sources
