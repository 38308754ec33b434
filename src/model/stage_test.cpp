#include "model/stage.h"

#include <gmock/gmock.h>

#include <set>
#include <string_view>

namespace model {
namespace {

TEST(StageTest, EveryStageHasANameOfItsOwnThatLeadsBackToIt) {
  std::set<std::string_view> names;
  for (int number = 0; number < kStageCount; ++number) {
    const auto stage = static_cast<Stage>(number);
    EXPECT_FALSE(name(stage).empty());
    EXPECT_TRUE(names.insert(name(stage)).second) << name(stage);
    EXPECT_EQ(stage_named(name(stage)), stage);
  }
  EXPECT_EQ(stage_named("no-such-stage"), std::nullopt);
  EXPECT_EQ(stage_named(""), std::nullopt);
}

TEST(StageTest, NamesAreThoseOfTheContract) {
  EXPECT_EQ(name(Stage::kTcIngress), "tc-ingress");
  EXPECT_EQ(name(Stage::kSocketRx), "socket-rx");
  EXPECT_EQ(name(Stage::kNetfilterOut), "netfilter-out");
  EXPECT_EQ(name(Stage::kWireTx), "wire-tx");
}

TEST(StageTest, SendStagesLieBetweenTheSocketAndTheWire) {
  EXPECT_EQ(direction_of(Stage::kWire), Direction::kReceive);
  EXPECT_EQ(direction_of(Stage::kApp), Direction::kReceive);
  EXPECT_EQ(direction_of(Stage::kSocketTx), Direction::kSend);
  EXPECT_EQ(direction_of(Stage::kWireTx), Direction::kSend);
  EXPECT_EQ(direction_of(Stage::kMemory), Direction::kReceive);
}

TEST(ClassTest, NamesLeadBackAndOnlyLossAndUnknownCountAsLost) {
  for (const Class klass :
       {Class::kLoss, Class::kPolicy, Class::kRefused, Class::kNoise, Class::kUnknown}) {
    EXPECT_EQ(class_named(name(klass)), klass);
    const bool lost = klass == Class::kLoss || klass == Class::kUnknown;
    EXPECT_EQ(counts_as_lost(klass), lost) << name(klass);
  }
  EXPECT_EQ(class_named("lost"), std::nullopt);
}

TEST(DirectionTest, NamesLeadBack) {
  EXPECT_EQ(direction_named("receive"), Direction::kReceive);
  EXPECT_EQ(direction_named("send"), Direction::kSend);
  EXPECT_EQ(name(Direction::kSend), "send");
  EXPECT_EQ(direction_named("both"), std::nullopt);
}

}  // namespace
}  // namespace model
