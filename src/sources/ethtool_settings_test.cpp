// Answers of this machine's virtio_net (tests/captures/6.18).
#include "sources/ethtool_settings.h"

#include <gmock/gmock.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>

#include <cstring>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;
using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

constexpr auto kEth0 = "{dev=\"eth0\",netns=\"1\"}";

std::vector<std::vector<std::byte>> answers_in(const std::string& stream) {
  std::vector<std::vector<std::byte>> answers;
  for (const auto& message : base::netlink_messages(as_bytes(stream))) {
    const auto all = base::attributes_after(message.payload, sizeof(genlmsghdr));
    answers.emplace_back(all.begin(), all.end());
  }
  return answers;
}

std::vector<std::string> feature_names() {
  return parse_string_set(answers_in(capture("6.18", "ethtool_strset.bin")).at(0));
}

template <class Parse>
Look told(const std::string& file, Parse parse) {
  Look look;
  for (const auto& answer : answers_in(capture("6.18", file))) parse(answer, "1", look);
  return look;
}

TEST(EthtoolSettings, OfACard) {
  const auto channels = told("ethtool_channels.bin", parse_channels);
  EXPECT_THAT(channels.settings,
              Contains(Pair(std::string("ethtool.channels.combined") + kEth0, "1")));
  EXPECT_THAT(channels.settings,
              Contains(Pair(std::string("ethtool.channels.combined_max") + kEth0, "1")));
  const auto coalescing = told("ethtool_coalesce.bin", parse_coalescing);
  EXPECT_THAT(coalescing.settings,
              Contains(Pair(std::string("ethtool.coalesce.adaptive-rx") + kEth0, "off")));
  EXPECT_THAT(coalescing.settings,
              Contains(Pair(std::string("ethtool.coalesce.rx-frames") + kEth0, "1")));
  // virtio does not say how fast it is.
  const auto modes = told("ethtool_linkmodes.bin", parse_link_modes);
  EXPECT_FALSE(modes.settings.contains(std::string("ethtool.link.speed_mbps") + kEth0));
  EXPECT_THAT(told("ethtool_pause.bin", parse_pause).settings, IsEmpty());
}

TEST(EthtoolSettings, FeaturesByName) {
  const auto names = feature_names();
  EXPECT_GT(names.size(), 50U);
  Look look;
  for (const auto& answer : answers_in(capture("6.18", "ethtool_features.bin"))) {
    parse_features(answer, names, "1", look);
  }
  EXPECT_THAT(look.settings,
              Contains(Pair(std::string("ethtool.features") + kEth0,
                            "highdma rx-checksum rx-gro rx-gro-hw tx-checksum-ip-generic "
                            "tx-generic-segmentation tx-gso-robust tx-scatter-gather "
                            "tx-tcp-segmentation tx-tcp6-segmentation")));
}

TEST(EthtoolSettings, DamagedAnswersDoNoHarm) {
  const auto names = feature_names();
  for (const auto* file : {"ethtool_channels.bin", "ethtool_features.bin", "ethtool_strset.bin",
                           "ethtool_linkmodes.bin"}) {
    with_damage(capture("6.18", file), 200, [&](const std::string& damaged) {
      Look look;
      for (const auto& answer : answers_in(damaged)) {
        parse_channels(answer, "1", look);
        parse_link_modes(answer, "1", look);
        parse_features(answer, names, "1", look);
        (void)parse_string_set(answer);
      }
    });
  }
}

// struct ethtool_rxfh of a card with two queues: synthetic, no card of ours has a table.
std::string table_of(std::vector<std::uint32_t> entries, const std::string& key) {
  const std::uint32_t head[] = {ETHTOOL_GRSSH,
                                0,
                                static_cast<std::uint32_t>(entries.size()),
                                static_cast<std::uint32_t>(key.size()),
                                0,
                                0};
  std::string answer(reinterpret_cast<const char*>(head), sizeof head);
  answer.append(reinterpret_cast<const char*>(entries.data()), entries.size() * 4);
  return answer + key;
}

TEST(Rss, EntriesOfEachQueueAndTheKey) {
  Look look;
  parse_rss(as_bytes(table_of({0, 1, 0, 1, 0, 0}, "\x6d\x5a")), "eth0", "1", look);
  EXPECT_EQ(look.settings.at(std::string("ethtool.rss.queues") + kEth0), "0:4 1:2");
  EXPECT_EQ(look.settings.at(std::string("ethtool.rss.key") + kEth0), "6d:5a");
}

TEST(Rss, DamagedAnswersDoNoHarm) {
  with_damage(table_of({0, 1, 0, 1}, "key"), 300, [](const std::string& damaged) {
    Look look;
    parse_rss(as_bytes(damaged), "eth0", "1", look);
    parse_driver_info(as_bytes(damaged), "eth0", "1", look);
  });
}

TEST(DriverInfo, WhatADriverLeavesEmptyIsNotTold) {
  ethtool_drvinfo info{};
  std::strcpy(info.driver, "ixgbe");
  std::strcpy(info.fw_version, "0x800003df");
  Look look;
  parse_driver_info(std::as_bytes(std::span(&info, 1)), "eth0", "1", look);
  EXPECT_EQ(look.settings.size(), 2U);
  EXPECT_EQ(look.settings.at(std::string("ethtool.firmware") + kEth0), "0x800003df");
}

}  // namespace
}  // namespace sources
