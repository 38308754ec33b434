#include "diagnose/driver_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using model::Class;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A host with eth0 of this driver, whose counters rise as they are told to.
class Host {
 public:
  explicit Host(const std::string& driver) {
    auto evidence = builder_.evidence();
    evidence.devices.push_back(
        {.netns = "1", .ifindex = 2, .name = "eth0", .kind = "physical", .driver = driver});
    evidence_ = evidence;
  }

  Host& rises(const std::string& name, std::uint64_t rise, const std::string& queue = "") {
    const auto id = queue.empty() ? model::counter_id(name, {{"dev", "eth0"}, {"netns", "1"}})
                                  : model::counter_id(
                                        name, {{"dev", "eth0"}, {"netns", "1"}, {"queue", queue}});
    auto& series = evidence_.timeline.counters[id];
    series.add(0, 1000);
    series.add(evidence_.timeline.last_point(), 1000 + rise);
    return *this;
  }

  Host& lasts_s(std::int64_t seconds) {
    evidence_.window.duration_ns = seconds * 1'000'000'000;
    return *this;
  }

  [[nodiscard]] model::Diagnosis diagnosis() const { return diagnose(evidence_); }

 private:
  EvidenceBuilder builder_;
  model::Evidence evidence_;
};

TEST(DriverStatistics, WhatNoStandardCounterHoldsIsAnAccount) {
  const auto diagnosis = Host("vmxnet3").rises("ethtool.pkts rx OOB", 2590, "0").diagnosis();
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  const auto& account = diagnosis.accounts[0];
  EXPECT_EQ(account.account, "ring.overflow");
  EXPECT_EQ(account.packets, 2590U);
  EXPECT_EQ(account.at.dev, "eth0");
  EXPECT_EQ(diagnosis.verdict, model::Verdict::kLoss);
  ASSERT_FALSE(diagnosis.findings.empty());
  EXPECT_THAT(diagnosis.findings[0].why, HasSubstr("No standard counter"));
}

TEST(DriverStatistics, QueuesOfOneDeviceAreOneAccount) {
  const auto diagnosis = Host("vmxnet3")
                             .rises("ethtool.pkts rx OOB", 100, "0")
                             .rises("ethtool.pkts rx OOB", 20, "1")
                             .diagnosis();
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].packets, 120U);
  EXPECT_THAT(diagnosis.accounts[0].witnesses, SizeIs(2));
}

TEST(DriverStatistics, WhatTheStandardCounterHasIsNotBookedAgain) {
  const auto diagnosis = Host("mlx5_core")
                             .rises("ethtool.rx_out_of_buffer", 300)
                             .rises("link.rx_missed_errors", 300)
                             .diagnosis();
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].packets, 300U);
  EXPECT_EQ(diagnosis.totals.lost, 300U);
}

// The same statistic of a version whose standard counter does not have it.
TEST(DriverStatistics, WhatTheStandardCounterLacksIsBooked) {
  const auto diagnosis = Host("mlx5_core").rises("ethtool.rx_out_of_buffer", 300).diagnosis();
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "ring.overflow");
}

TEST(DriverStatistics, AreHeardInTheSumOfTheirDevice) {
  const auto diagnosis = Host("igb")
                             .rises("ethtool.rx_queue_0_drops", 70)
                             .rises("ethtool.rx_queue_1_drops", 30)
                             .rises("ethtool.rx_missed_errors", 5)
                             .rises("link.rx_missed_errors", 5)
                             .rises("link.rx_fifo_errors", 105)
                             .diagnosis();
  EXPECT_EQ(diagnosis.totals.lost, 105U) << "each packet once";
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "ring.overflow");
}

TEST(DriverStatistics, StopsOfAQueueAreNoLoss) {
  const auto diagnosis =
      Host("vmxnet3").rises("ethtool.ring full", 500, "0").rises("ethtool.tx_busy", 9).diagnosis();
  EXPECT_THAT(diagnosis.accounts, IsEmpty());
}

TEST(DriverStatistics, OfAnUnknownDriverAreGuessedFromTheirNamesAndBookedOnce) {
  const auto diagnosis = Host("wonder_nic")
                             .rises("ethtool.rx_q0_drops", 40)
                             .rises("ethtool.rx_drops_total", 60)
                             .rises("ethtool.rx_good_packets", 100'000)
                             .rises("ethtool.rx_discard_bytes", 90'000)
                             .diagnosis();
  ASSERT_THAT(diagnosis.accounts, SizeIs(1)) << "parts and their sum are the same packets";
  EXPECT_EQ(diagnosis.accounts[0].account, "ethtool.rx_drops_total");
  EXPECT_EQ(diagnosis.accounts[0].klass, Class::kUnknown);
  EXPECT_EQ(diagnosis.accounts[0].packets, 60U);
  ASSERT_FALSE(diagnosis.findings.empty());
  EXPECT_THAT(diagnosis.findings[0].why, HasSubstr("knows nothing of this driver"));
}

TEST(DriverStatistics, OfAnUnknownDriverThatStandardCountersHaveAreLeft) {
  const auto diagnosis = Host("wonder_nic")
                             .rises("ethtool.rx_drops_total", 60)
                             .rises("link.rx_missed_errors", 60)
                             .diagnosis();
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "ring.overflow");
}

TEST(DriverStatistics, ThatAreOlderThanTheWindowAreABlindSpot) {
  auto spots = Host("gve").diagnosis().blind_spots;
  ASSERT_THAT(spots, SizeIs(1));
  EXPECT_EQ(spots[0].what, "what the card of eth0 lost in the last seconds");
  EXPECT_THAT(spots[0].why, HasSubstr("gve asks it only every 20 s"));
  EXPECT_THAT(spots[0].enable, HasSubstr("-t 40s"));
  EXPECT_EQ(Host("gve").diagnosis().verdict, model::Verdict::kInconclusive)
      << "the ring may have lost packets";
  EXPECT_THAT(Host("gve").lasts_s(20).diagnosis().blind_spots, IsEmpty());
  EXPECT_THAT(Host("tg3").lasts_s(2).diagnosis().blind_spots, IsEmpty());
  EXPECT_THAT(Host("virtio_net").lasts_s(0).diagnosis().blind_spots, IsEmpty())
      << "it counts itself";
}

}  // namespace
}  // namespace diagnose
