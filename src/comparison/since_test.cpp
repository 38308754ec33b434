#include "comparison/since.h"

#include <gmock/gmock.h>

namespace comparison {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;

std::string udp(const char* name, const char* netns = "7") {
  return model::counter_id(std::string("snmp.Udp.") + name, {{"netns", netns}});
}
std::string rx(const char* device) {
  return model::counter_id("link.rx_dropped", {{"dev", device}, {"netns", "7"}});
}

// A window of ten seconds that ends at `end_s`, with eth0 in namespace 7.
model::Evidence window(std::int64_t end_s, std::uint32_t ifindex = 2) {
  model::Evidence evidence;
  evidence.host = {.id = "host", .name = "vm", .boot_id = "boot"};
  evidence.netns = {{.id = "7", .name = "web"}};
  evidence.devices = {{.netns = "7", .ifindex = ifindex, .name = "eth0"}};
  evidence.window.start_wall_ns = (end_s - 10) * kSecond;
  evidence.window.duration_ns = 10 * kSecond;
  evidence.timeline.add_point(0);
  evidence.timeline.add_point(10 * kSecond);
  evidence.drops.rung = "tp_btf";
  return evidence;
}

void read(model::Evidence& evidence, const std::string& id, std::uint64_t first,
          std::uint64_t last) {
  evidence.timeline.add(0, {{id, first}}, {});
  evidence.timeline.add(1, {{id, last}}, {});
}

TEST(Since, CountsFromTheLastReadingOfTheBaseline) {
  auto before = window(100);
  read(before, udp("InErrors"), 5, 40);
  auto now = window(1000);
  read(now, udp("InErrors"), 90, 100);
  const auto joined = since(before, "monday", now);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->timeline.rise(udp("InErrors")), 60U);
  EXPECT_EQ(joined->window.duration_ns, 900 * kSecond);
  EXPECT_EQ(joined->window.start_wall_ns, 100 * kSecond);
  EXPECT_EQ(joined->window.origin, "baseline");
  EXPECT_EQ(joined->window.reference, "monday");
  EXPECT_EQ(joined->drops.rung, "") << "nobody traced in between";
  EXPECT_THAT(joined->blind_spots.back().what, HasSubstr("place and reason"));
}

TEST(Since, WhatCameIntoBeingCountsFromZero) {
  auto before = window(100);
  read(before, udp("InErrors"), 5, 40);
  read(before, rx("eth0"), 0, 500);
  auto now = window(1000, 9);  // eth0 was made anew
  now.netns.push_back({.id = "8", .name = "db"});
  read(now, udp("InErrors"), 90, 100);
  read(now, udp("InErrors", "8"), 3, 4);
  read(now, rx("eth0"), 600, 700);
  const auto joined = since(before, "monday", now);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->timeline.rise(udp("InErrors", "8")), 4U);
  EXPECT_EQ(joined->timeline.rise(rx("eth0")), 700U);
}

TEST(Since, WhatOnlyOneOfThemReadIsNotZero) {
  auto before = window(100);
  read(before, udp("InErrors"), 5, 40);
  auto now = window(1000);
  read(now, udp("InErrors"), 90, 100);
  read(now, rx("eth0"), 600, 700);  // the baseline had no right to read links
  const auto joined = since(before, "monday", now);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->timeline.counter(rx("eth0")), nullptr);
}

TEST(Since, ACounterThatTheKernelMadeSinceStartedFromZero) {
  auto before = window(100);
  read(before, udp("InErrors"), 5, 40);
  auto now = window(1000);
  read(now, udp("InErrors"), 90, 100);
  read(now, "snmp.IcmpMsg.OutType3{netns=\"7\"}", 30, 31);
  EXPECT_EQ(since(before, "monday", now)->timeline.rise("snmp.IcmpMsg.OutType3{netns=\"7\"}"), 31U);
}

TEST(Since, SocketsLostWhatTheyLostSince) {
  auto before = window(100);
  before.sockets = {{.netns = "7", .inode = 5, .cookie = 1, .drops = 70}};
  auto now = window(1000);
  now.sockets = {{.netns = "7", .inode = 5, .cookie = 1, .drops = 100},
                 {.netns = "7", .inode = 6, .cookie = 2, .drops = 9}};
  const auto joined = since(before, "monday", now);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->sockets[0].drops_at_start, 70U);
  EXPECT_EQ(joined->sockets[1].drops_at_start, std::nullopt) << "opened since";
}

TEST(Since, OtherHostsBootsAndClocksAreRefused) {
  auto other = window(100);
  other.host.id = "another";
  EXPECT_THAT(since(other, "monday", window(1000)).error().what, HasSubstr("another host, vm"));
  auto booted = window(100);
  booted.host.boot_id = "before";
  EXPECT_THAT(since(booted, "monday", window(1000)).error().what, HasSubstr("another boot"));
  EXPECT_THAT(since(window(2000), "monday", window(1000)).error().what, HasSubstr("future"));
}

}  // namespace
}  // namespace comparison
