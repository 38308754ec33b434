// Answers of drivers as the kernel gave them (tests/captures/nic), and damage to them.
#include "sources/ethtool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/ethtool.h>

#include <cstddef>
#include <cstring>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

constexpr auto kDevices = {"e1000e-6.1", "rtl8139-6.1", "virtio_multi_queue-6.1", "virtio_net-6.1",
                           "vmxnet3-6.1"};

Look look_at(const std::string& device) {
  const auto strings = capture("nic/" + device, "ethtool_gstrings");
  const auto values = capture("nic/" + device, "ethtool_stats");
  Look look;
  EXPECT_TRUE(parse_driver_statistics(as_bytes(strings), as_bytes(values), "eth0", "1", look));
  return look;
}

std::uint32_t count_of(const std::string& device) {
  const auto values = capture("nic/" + device, "ethtool_stats");
  std::uint32_t count = 0;
  std::memcpy(&count, values.data() + offsetof(ethtool_stats, n_stats), sizeof count);
  return count;
}

// The answer of a driver with these names, whose values are 1, 2, 3, …
struct Answer {
  std::string strings;
  std::string values;
};

Answer answer(const std::vector<std::string>& names) {
  const auto count = static_cast<std::uint32_t>(names.size());
  const std::uint32_t heading[] = {ETHTOOL_GSTRINGS, ETH_SS_STATS, count};
  const std::uint32_t amount[] = {ETHTOOL_GSTATS, count};
  Answer made{{reinterpret_cast<const char*>(heading), sizeof heading},
              {reinterpret_cast<const char*>(amount), sizeof amount}};
  std::uint64_t value = 0;
  for (auto name : names) {
    name.resize(ETH_GSTRING_LEN);
    made.strings += name;
    ++value;
    made.values.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return made;
}

Look told(const std::vector<std::string>& names) {
  const auto made = answer(names);
  Look look;
  EXPECT_TRUE(
      parse_driver_statistics(as_bytes(made.strings), as_bytes(made.values), "eth0", "1", look));
  return look;
}

TEST(DriverStatistics, OfEveryCaptureAreAllTold) {
  for (const std::string device : kDevices) {
    // vmxnet3's two queues each way have four headings.
    const std::uint32_t headings = device.starts_with("vmxnet3") ? 4 : 0;
    EXPECT_EQ(look_at(device).counters.size(), count_of(device) - headings) << device;
  }
}

TEST(DriverStatistics, AgreeWithTheStandardOnesWhereTheyAreTheSame) {
  const auto standard = capture("nic/e1000e-6.1", "statistics");
  const auto at = standard.find("rx_packets ") + std::strlen("rx_packets ");
  EXPECT_EQ(look_at("e1000e-6.1").counters.at("ethtool.rx_packets{dev=\"eth0\",netns=\"1\"}"),
            std::stoull(standard.substr(at)));
}

TEST(DriverStatistics, NamesThatRepeatForEachQueueAreToldApart) {
  const auto counters = look_at("vmxnet3-6.1").counters;
  std::uint64_t lost = 0;
  for (const auto* queue : {"0", "1"}) {
    const std::string labels = std::string("{dev=\"eth0\",netns=\"1\",queue=\"") + queue + "\"}";
    ASSERT_THAT(counters, Contains(Key("ethtool.pkts rx OOB" + labels)));
    ASSERT_THAT(counters, Contains(Key("ethtool.drv dropped tx total" + labels)));
    lost += counters.at("ethtool.pkts rx OOB" + labels);
  }
  EXPECT_GT(lost, 0U) << "its ring was overrun";
  // It stands behind the queues, and is of none.
  EXPECT_THAT(counters, Contains(Key("ethtool.tx timeout count{dev=\"eth0\",netns=\"1\"}")));
  EXPECT_THAT(counters, Not(Contains(Key(testing::HasSubstr("Queue#")))));
}

TEST(DriverStatistics, OddNamesAreKept) {
  const auto counters = told({"rx", "", "   ", "rx", "a{b}\"c", "rx", "  deep"}).counters;
  EXPECT_THAT(counters, Contains(Pair("ethtool.rx{dev=\"eth0\",netns=\"1\"}", 1)));
  EXPECT_THAT(counters, Contains(Pair("ethtool.rx{dev=\"eth0\",netns=\"1\",nth=\"2\"}", 4)));
  EXPECT_THAT(counters, Contains(Pair("ethtool.rx{dev=\"eth0\",netns=\"1\",nth=\"3\"}", 6)));
  EXPECT_THAT(counters, Contains(Pair("ethtool.a_b__c{dev=\"eth0\",netns=\"1\"}", 5)));
  EXPECT_THAT(counters, Contains(Pair("ethtool.deep{dev=\"eth0\",netns=\"1\"}", 7)));
  EXPECT_EQ(counters.size(), 5U) << "blank names are left out";
}

TEST(DriverStatistics, ANameWithoutEndIsCutWhereTheFieldEnds) {
  const std::string longest(ETH_GSTRING_LEN, 'x');
  EXPECT_THAT(told({longest, "y"}).counters,
              Contains(Key("ethtool." + longest + "{dev=\"eth0\",netns=\"1\"}")));
}

TEST(DriverStatistics, ThatChangedBetweenTheReadsAreRefused) {
  const auto two = answer({"a", "b"});
  const auto three = answer({"a", "b", "c"});
  Look look;
  EXPECT_FALSE(
      parse_driver_statistics(as_bytes(two.strings), as_bytes(three.values), "eth0", "1", look));
  EXPECT_THAT(look.counters, IsEmpty());
}

TEST(DriverStatistics, DamagedAnswersDoNoHarm) {
  for (const std::string device : kDevices) {
    const auto strings = capture("nic/" + device, "ethtool_gstrings");
    const auto values = capture("nic/" + device, "ethtool_stats");
    with_damage(strings, 300, [&](const std::string& damaged) {
      Look look;
      (void)parse_driver_statistics(as_bytes(damaged), as_bytes(values), "eth0", "1", look);
      EXPECT_LE(look.counters.size(), count_of(device));
    });
    with_damage(values, 300, [&](const std::string& damaged) {
      Look look;
      (void)parse_driver_statistics(as_bytes(strings), as_bytes(damaged), "eth0", "1", look);
      EXPECT_LE(look.counters.size(), count_of(device));
    });
  }
}

}  // namespace
}  // namespace sources
