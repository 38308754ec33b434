#include "sources/sockstat.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {

extern const Source sockstat;

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using namespace testing_support;

constexpr std::string_view kLabels = "{netns=\"7\"}";

Look look_at(std::string_view text) {
  Look look;
  parse_sockstat(text, kLabels, look);
  return look;
}

TEST(Sockstat, TellsWhatIsOfTheNamespaceAndWhatIsOfTheHostApart) {
  const Look look = look_at(capture("6.18", "sockstat"));
  EXPECT_THAT(look.gauges, Contains(Pair("sockstat.UDP.inuse{netns=\"7\"}", 2U)));
  EXPECT_THAT(look.gauges, Contains(Pair("sockstat.FRAG.memory{netns=\"7\"}", 0U)));
  EXPECT_THAT(look.gauges, Contains(Key("sockstat.TCP.mem{shared=\"host\"}")));
  EXPECT_THAT(look.gauges, Contains(Key("sockstat.TCP.orphan{shared=\"host\"}")));
  EXPECT_THAT(look.gauges, Contains(Key("sockstat.TCP.alloc{shared=\"host\"}")));
  EXPECT_THAT(look.gauges, Contains(Key("sockstat.UDP.mem{shared=\"host\"}")));
  EXPECT_THAT(look.gauges, Not(Contains(Key("sockstat.TCP.mem{netns=\"7\"}"))));
  EXPECT_THAT(look.counters, IsEmpty());
}

TEST(Sockstat, IsUnderstoodOnEveryKernelCaptured) {
  const auto kernels = kernels_with("sockstat");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    const Look look = look_at(capture(kernel, "sockstat") + capture(kernel, "sockstat6"));
    for (const std::string name : {"sockets.used", "TCP.inuse", "TCP.tw", "UDP.inuse",
                                   "FRAG.memory", "TCP6.inuse", "UDP6.inuse", "FRAG6.memory"}) {
      EXPECT_THAT(look.gauges, Contains(Key("sockstat." + name + "{netns=\"7\"}"))) << kernel;
    }
  }
}

TEST(Sockstat, AMalformedLineIsSkippedAndTheRestIsRead) {
  EXPECT_THAT(look_at("").gauges, IsEmpty());
  EXPECT_THAT(look_at("TCP: inuse\nRAW inuse 1\n\nUDP: inuse 3 mem\nRAW: inuse 4\n").gauges,
              ElementsAre(Pair("sockstat.RAW.inuse{netns=\"7\"}", 4U)));
  EXPECT_THAT(look_at("RAW: inuse -1 mem 5\n").gauges, IsEmpty());
}

TEST(Sockstat, SocketsInUseAreThoseOfTheGroupsOwnLine) {
  const auto text =
      "sockets: used 9\nUDPLITE: inuse 3\nUDP: inuse 2 mem 7\nFRAG: mem 1\nRAW: inuse -\n";
  EXPECT_EQ(sockets_in_use(text, "UDP"), 2U);
  EXPECT_EQ(sockets_in_use(text, "UDPLITE"), 3U);
  for (const auto group : {"TCP", "UD", "sockets", "FRAG", "RAW", ""}) {
    EXPECT_EQ(sockets_in_use(text, group), std::nullopt) << group;
  }
}

TEST(Sockstat, UnchangedTextIsNotToldAgain) {
  base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  Memory memory;
  const auto read = [&] {
    Look look;
    sockstat.read({.files = files, .netlink = netlink, .netns = "7", .memory = &memory}, look);
    return look;
  };
  ASSERT_THAT(read().blind_spots, SizeIs(1));
  files.put("/proc/thread-self/net/sockstat", "RAW: inuse 4\n");
  EXPECT_THAT(read().gauges, SizeIs(1));
  EXPECT_THAT(read().gauges, IsEmpty());
  files.put("/proc/thread-self/net/sockstat", "RAW: inuse 5\n");
  EXPECT_THAT(read().gauges, ElementsAre(Pair("sockstat.RAW.inuse{netns=\"7\"}", 5U)));
}

TEST(Sockstat, DamagedTextIsReadWithoutHarm) {
  with_damage(capture("6.18", "sockstat"), 3000, [&](const std::string& text) {
    for (const auto& [name, value] : look_at(text).gauges) {
      EXPECT_TRUE(name.starts_with("sockstat.")) << name << value;
    }
  });
}

}  // namespace
}  // namespace sources
