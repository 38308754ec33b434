#include "observe/assemble.h"

#include <gmock/gmock.h>

namespace observe {
namespace {

using testing::SizeIs;

model::Device device(std::string name, std::uint32_t ifindex) {
  return {.netns = "1", .ifindex = ifindex, .name = std::move(name)};
}

TEST(Devices, OneThatIsOnlyInTheFirstLookVanished) {
  const auto merged = merged_devices({device("eth0", 2), device("veth1", 3)}, {device("eth0", 2)});
  ASSERT_THAT(merged, SizeIs(2));
  EXPECT_FALSE(merged[0].vanished);
  EXPECT_EQ(merged[1].name, "veth1");
  EXPECT_TRUE(merged[1].vanished);
}

TEST(Devices, OneThatWasReplacedUnderItsNameIsTwo) {
  EXPECT_THAT(merged_devices({device("veth1", 3)}, {device("veth1", 9)}), SizeIs(2));
}

TEST(Messages, OnlyThoseOfTheWindowEachOnce) {
  const model::KernelMessage old{.at_s = 5, .kind = "link", .text = "down"};
  const model::KernelMessage fresh{.at_s = 12.5, .kind = "link", .text = "up"};
  const auto inside = messages_inside({old, fresh, fresh}, 10);
  ASSERT_THAT(inside, SizeIs(1));
  EXPECT_DOUBLE_EQ(inside[0].at_s, 2.5);
}

TEST(Netns, AllAreSelectedUnlessTheUserNamedSome) {
  host::Namespace one{};
  one.id = "1";
  host::Namespace two{};
  two.id = "2";
  EXPECT_TRUE(netns_rows({one, two}, {})[1].selected);
  EXPECT_FALSE(netns_rows({one, two}, {"1"})[1].selected);
}

TEST(BlindSpots, WhatTheTraceMissedIsSaid) {
  model::Evidence evidence;
  evidence.drops.outside_table = 12;
  add_trace_blind_spots(evidence);
  EXPECT_THAT(evidence.blind_spots, SizeIs(0)) << "nothing was traced";
  evidence.drops.rung = "tp_btf";
  evidence.drops.recursion_misses = 3;
  evidence.drops.other_tracers = {"bpftrace (pid 1)"};
  add_trace_blind_spots(evidence);
  EXPECT_THAT(evidence.blind_spots, SizeIs(3));
}

}  // namespace
}  // namespace observe
