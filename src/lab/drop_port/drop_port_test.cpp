#include "lab/drop_port/drop_port.h"

#include <gmock/gmock.h>

namespace lab {
namespace {

TEST(DropPort, EveryHookIsFoundByItsName) {
  const auto names = hook_names();
  EXPECT_THAT(names, testing::SizeIs(6));
  for (const auto& name : names) EXPECT_TRUE(hook_named(name).has_value()) << name;
  EXPECT_EQ(hook_named("xdp-native"), Hook::kXdpNative);
  EXPECT_EQ(hook_named("tcx-egress"), Hook::kTcxEgress);
  EXPECT_EQ(hook_named("xdp"), std::nullopt);
}

TEST(DropPort, ADeviceThatIsNotThereIsSaidSo) {
  const auto attached = attach_drop_port(Hook::kTcIngress, "no-such-dev", 5001);
  ASSERT_FALSE(attached.has_value());
  EXPECT_THAT(attached.error().what, testing::HasSubstr("no-such-dev"));
}

}  // namespace
}  // namespace lab
