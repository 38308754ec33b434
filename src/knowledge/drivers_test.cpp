#include "knowledge/drivers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "knowledge/places.h"

namespace knowledge {
namespace {

using testing::IsEmpty;
using testing::IsNull;
using testing::Not;
using testing::NotNull;

TEST(Drivers, HaveTheTablesThatWeSay) {
  for (const auto* name :
       {"8139cp", "bnxt_en", "e1000e", "ena", "gve", "hv_netvsc", "i40e", "ice", "igb", "ixgbe",
        "mana", "mlx5_core", "qede", "r8169", "sfc", "tg3", "veth", "virtio_net", "vmxnet3"}) {
    ASSERT_THAT(find_driver(name), NotNull()) << name;
    EXPECT_THAT(find_driver(name)->source, Not(IsEmpty())) << name;
    EXPECT_THAT(find_driver(name)->statistics, Not(IsEmpty())) << name;
  }
  EXPECT_THAT(find_driver("wonder_nic"), IsNull());
}

TEST(Drivers, EachNameOfATableStandsOnce) {
  for (const auto* driver : all_drivers()) {
    std::set<std::string_view> names;
    for (const auto& row : driver->statistics) {
      EXPECT_TRUE(names.insert(row.name).second) << driver->name << ": " << row.name;
    }
  }
}

TEST(Drivers, RowsAreWhole) {
  for (const auto* driver : all_drivers()) {
    for (const auto& row : driver->statistics) {
      EXPECT_TRUE(row.meaning.ends_with('.')) << driver->name << ": " << row.name;
      if (!row.also.empty()) {
        EXPECT_THAT(find_counter(row.also), NotNull()) << row.also;
      }
      EXPECT_EQ(row.role == Role::kExact, !row.place.empty()) << driver->name << ": " << row.name;
      if (row.role != Role::kExact) continue;
      const auto* place = find_place(row.place);
      ASSERT_THAT(place, NotNull()) << row.place;
      EXPECT_EQ(row.klass, place->klass) << row.name;
      EXPECT_EQ(row.stage, place->stage) << row.name;
      EXPECT_THAT(row.check, Not(IsEmpty())) << row.name;
    }
  }
}

TEST(FindStatistic, AStarTakesOneNumber) {
  EXPECT_EQ(find_statistic("igb", "rx_queue_17_drops").row->name, "rx_queue_*_drops");
  EXPECT_THAT(find_statistic("igb", "rx_queue__drops").row, IsNull());
  EXPECT_THAT(find_statistic("igb", "rx_queue_1_2_drops").row, IsNull());
  EXPECT_THAT(find_statistic("igb", "rx_queue_1_dropsy").row, IsNull());
  EXPECT_EQ(find_statistic("bnxt_en", "[3]: rx_discards").row->name, "[*]: rx_discards");
  EXPECT_EQ(find_statistic("gve", "rx_no_buffers_posted[12]").row->name, "rx_no_buffers_posted[*]");
}

TEST(FindStatistic, OnlyOfUnknownDriversIsGuessed) {
  EXPECT_THAT(find_statistic("igb", "rx_wonder_drops").row, IsNull());
  const auto guessed = find_statistic("wonder_nic", "Rx_Wonder_Drops");
  ASSERT_THAT(guessed.row, NotNull());
  EXPECT_TRUE(guessed.is_guess);
  EXPECT_EQ(guessed.row->stage, model::Stage::kRing);
  EXPECT_EQ(find_statistic("wonder_nic", "tx_dropped").row->stage, model::Stage::kTxRing);
  for (const auto* harmless : {"rx_packets", "rx_discard_bytes", "xdp_drop", "dropped_smbus"}) {
    EXPECT_THAT(find_statistic("wonder_nic", harmless).row, IsNull()) << harmless;
  }
}

}  // namespace
}  // namespace knowledge
