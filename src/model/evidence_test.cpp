#include "model/evidence.h"

#include <gmock/gmock.h>

namespace model {
namespace {

TEST(FindDeviceTest, AnIfindexMeansSomethingOnlyInItsNamespace) {
  Evidence evidence;
  evidence.devices = {{.netns = "1", .ifindex = 2, .name = "eth0"},
                      {.netns = "2", .ifindex = 2, .name = "veth0"}};
  ASSERT_NE(find_device(evidence, "2", 2), nullptr);
  EXPECT_EQ(find_device(evidence, "2", 2)->name, "veth0");
  EXPECT_EQ(find_device(evidence, "1", 3), nullptr);
  EXPECT_EQ(find_device(evidence, "3", 2), nullptr);
}

TEST(FindNetnsTest, FindsByInode) {
  Evidence evidence;
  evidence.netns = {{.id = "1", .name = "init"}, {.id = "2", .name = "lab"}};
  ASSERT_NE(find_netns(evidence, "2"), nullptr);
  EXPECT_EQ(find_netns(evidence, "2")->name, "lab");
  EXPECT_EQ(find_netns(evidence, ""), nullptr);
}

TEST(NumberSettingTest, ASettingThatIsNoSingleNumberIsNone) {
  Evidence evidence;
  evidence.settings = {{"a", "212992"}, {"b", " 7\n"}, {"c", "4096 131072 6291456"}, {"d", "-1"}};
  EXPECT_EQ(number_setting(evidence, "a"), 212992U);
  EXPECT_EQ(number_setting(evidence, "b"), 7U);
  EXPECT_EQ(number_setting(evidence, "c"), std::nullopt);
  EXPECT_EQ(number_setting(evidence, "d"), std::nullopt);
  EXPECT_EQ(number_setting(evidence, "e"), std::nullopt);
}

}  // namespace
}  // namespace model
