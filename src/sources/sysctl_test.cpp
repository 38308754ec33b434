#include "sources/sysctl.h"

#include <gmock/gmock.h>

#include <array>

namespace sources {

extern const Source sysctl;
extern const Source sysctl_host;

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

struct Host {
  base::MemoryFiles files;
  base::MemoryNetlink netlink;

  Look read(const Source& source, bool can_use_netlink = true) {
    Look look;
    source.read(
        {.files = files, .netlink = netlink, .netns = "7", .can_use_netlink = can_use_netlink},
        look);
    return look;
  }
};

TEST(SettingText, IsOneLineWithItsPartsOneBlankApart) {
  EXPECT_EQ(setting_text("4096\t131072\t6291456\n"), "4096 131072 6291456");
  EXPECT_EQ(setting_text("212992\n"), "212992");
  EXPECT_EQ(setting_text("\n"), "");
  EXPECT_EQ(setting_text(""), "");
  EXPECT_EQ(setting_text("a\nb\n"), "a b");
}

TEST(Sysctl, SettingsOfANamespaceCarryItsLabelThoseOfTheHostAreShared) {
  Host host;
  host.files.put("/proc/sys/net/core/somaxconn", "4096\n");
  host.files.put("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
  host.files.put("/proc/sys/net/core/rmem_max", "212992\n");
  const Look own = host.read(sysctl);
  EXPECT_THAT(own.settings,
              ElementsAre(Pair("sysctl.net.core.somaxconn{netns=\"7\"}", "4096"),
                          Pair("sysctl.net.ipv4.tcp_rmem{netns=\"7\"}", "4096 131072 6291456")));
  const Look shared = host.read(sysctl_host);
  EXPECT_THAT(shared.settings,
              ElementsAre(Pair("sysctl.net.core.rmem_max{shared=\"host\"}", "212992")));
  EXPECT_THAT(shared.blind_spots, IsEmpty());
}

TEST(Sysctl, ASettingThatTheKernelLacksIsNotOne) {
  Host host;
  EXPECT_THAT(host.read(sysctl).settings, IsEmpty());
  EXPECT_THAT(host.read(sysctl).blind_spots, IsEmpty());
}

TEST(Sysctl, InAChildNamespaceTheSettingsOfTheHostAreABlindSpot) {
  Host host;
  EXPECT_THAT(host.read(sysctl_host).blind_spots, SizeIs(1));
}

TEST(Sysctl, WithoutTheRightToEnterNothingOfAnotherNamespaceIsTold) {
  Host host;
  host.files.put("/proc/sys/net/core/somaxconn", "4096\n");
  const Look look = host.read(sysctl, false);
  EXPECT_THAT(look.settings, IsEmpty());
  EXPECT_THAT(look.blind_spots, SizeIs(1));
}

TEST(ReadSettings, LooksUnderTheRootItIsGiven) {
  base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  files.put("/a.b/sys/net/x/y", "1");
  Look look;
  constexpr auto kNames = std::to_array<std::string_view>({"net.x.y", "net.x.z"});
  read_settings({.files = files, .netlink = netlink, .netns = "7", .proc_sys = "/a.b/sys"}, kNames,
                "{l=\"1\"}", look);
  EXPECT_THAT(look.settings, Contains(Pair("sysctl.net.x.y{l=\"1\"}", "1")));
  EXPECT_THAT(look.settings, Not(Contains(Key("sysctl.net.x.z{l=\"1\"}"))));
}

}  // namespace
}  // namespace sources
