#include "sources/ethtool_module.h"

#include <gmock/gmock.h>
#include <linux/ethtool.h>

#include <array>
#include <vector>

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

using Image = std::vector<std::byte>;

void put(Image& memory, std::size_t at, std::initializer_list<unsigned> bytes) {
  for (const unsigned byte : bytes) memory.at(at++) = static_cast<std::byte>(byte);
}

void put(Image& memory, std::size_t at, std::string_view text) {
  for (const char letter : text) memory.at(at++) = static_cast<std::byte>(letter);
}

// The bytes that are read, of a real 10GBASE-SR module in a switch: the dump in
// https://github.com/sonic-net/sonic-utilities/pull/2379 (port Ethernet256).
Image finisar() {
  Image memory(ETH_MODULE_SFF_8472_LEN);
  put(memory, 0, {0x03, 0x04, 0x07, 0x10});
  put(memory, 20, "FINISAR CORP.   ");
  put(memory, 40, "FTLX8571D3BCL   ");
  put(memory, 68, "AUJ0RCJ         ");
  put(memory, 92, {0x68, 0xf0, 0x03, 0xf6});
  put(memory, 256, {0x4e, 0x00, 0xf3, 0x00, 0x49, 0x00, 0xf8, 0x00, 0x90, 0x88, 0x71, 0x48});
  put(memory, 256 + 32, {0x27, 0x10, 0x00, 0x64, 0x1f, 0x07, 0x00, 0x9e});
  put(memory, 256 + 96, {0x14, 0x02, 0x81, 0xb1, 0x0d, 0x5a, 0x17, 0xa5, 0x15, 0x87});
  return memory;
}

// Synthetic: nobody captured one here. Where the bytes stand is SFF-8636's, table 6-1.
Image qsfp() {
  Image memory(ETH_MODULE_SFF_8636_LEN);
  put(memory, 0, {0x11});
  put(memory, 3, {0x04, 0x02});
  put(memory, 22, {0xff, 0x80});  // half a degree below 0
  put(memory, 26, {0x80, 0xe8});
  put(memory, 34, {0x27, 0x10, 0x13, 0x88, 0x00, 0x00, 0x00, 0x01});
  put(memory, 42, {0x0d, 0x5a});
  put(memory, 50, {0x27, 0x10});
  put(memory, 148, "ACME            ");
  put(memory, 220, {0x0c});
  return memory;
}

Look told(std::uint32_t kind, const Image& memory) {
  Look look;
  parse_module(kind, memory, "eth0", "7", look);
  return look;
}

std::string id(const std::string& name, const std::string& lane = "") {
  return "module." + name + R"({dev="eth0",)" + (lane.empty() ? "" : "lane=\"" + lane + "\",") +
         R"(netns="7"})";
}

TEST(Module, OfSfpTellsItsLightAndWhereItsAlarmsAre) {
  const auto look = told(ETH_MODULE_SFF_8472, finisar());
  EXPECT_THAT(look.settings, Contains(Pair(id("vendor"), "FINISAR CORP.")));
  EXPECT_THAT(look.settings, Contains(Pair(id("part"), "FTLX8571D3BCL")));
  EXPECT_THAT(look.settings, Contains(Pair(id("serial"), "AUJ0RCJ")));
  EXPECT_THAT(look.settings, Contains(Pair(id("temperature_c"), "20.0")));
  EXPECT_THAT(look.settings, Contains(Pair(id("supply_v"), "3.32")));
  EXPECT_THAT(look.settings, Contains(Pair(id("tx_bias_ma"), "6.836")));
  EXPECT_THAT(look.settings, Contains(Pair(id("tx_power_dbm"), "-2.18")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_dbm"), "-2.59")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_low_alarm_dbm"), "-20.00")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_high_alarm_dbm"), "0.00")));
}

TEST(Module, OfSfpThatMeasuresNothingHasOnlyItsNames) {
  auto memory = finisar();
  put(memory, 92, {0x00});
  EXPECT_THAT(told(ETH_MODULE_SFF_8472, memory).settings, testing::SizeIs(3));
  put(memory, 92, {0x58});  // to be calibrated by its reader
  EXPECT_THAT(told(ETH_MODULE_SFF_8472, memory).settings, testing::SizeIs(3));
}

TEST(Module, OfQsfpTellsEachLane) {
  const auto look = told(ETH_MODULE_SFF_8636, qsfp());
  EXPECT_THAT(look.settings, Contains(Pair(id("vendor"), "ACME")));
  EXPECT_THAT(look.settings, Contains(Pair(id("temperature_c"), "-0.5")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_dbm", "1"), "0.00")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_dbm", "2"), "-3.01")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_dbm", "3"), "none")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_power_dbm", "4"), "-40.00")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_los", "3"), "on")));
  EXPECT_THAT(look.settings, Contains(Pair(id("rx_los", "1"), "off")));
  EXPECT_THAT(look.settings, Contains(Pair(id("tx_fault", "2"), "on")));
  EXPECT_THAT(look.settings, Contains(Pair(id("tx_power_dbm", "1"), "0.00")));
}

TEST(Module, OfCopperHasNothingToMeasure) {
  auto memory = qsfp();
  put(memory, 22, {0, 0, 0, 0, 0, 0});
  EXPECT_THAT(told(ETH_MODULE_SFF_8436, memory).settings, Not(Contains(Key(id("temperature_c")))));
}

TEST(Module, OfAnUnknownKindOrCutShortIsReadWithoutHarm) {
  EXPECT_THAT(told(0x1e, finisar()).settings, IsEmpty());
  for (std::size_t length = 0; length < ETH_MODULE_SFF_8472_LEN; ++length) {
    auto memory = finisar();
    memory.resize(length);
    (void)told(ETH_MODULE_SFF_8472, memory);
    if (length < ETH_MODULE_SFF_8472_LEN / 2) {
      EXPECT_THAT(told(ETH_MODULE_SFF_8472, memory).settings, Not(Contains(Key(id("supply_v")))));
    }
    auto other = qsfp();
    other.resize(std::min(length, other.size()));
    (void)told(ETH_MODULE_SFF_8636, other);
  }
}

}  // namespace
}  // namespace sources
