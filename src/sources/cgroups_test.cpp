#include "sources/cgroups.h"

#include <gmock/gmock.h>

namespace sources {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr auto kMounts =
    "tmpfs /cg tmpfs rw 0 0\n"
    "cgroup /cg/cpu cgroup rw,relatime,cpu 0 0\n"
    "cgroup /cg/systemd cgroup rw,name=systemd 0 0\n"
    "cgroup2 /cg/unified cgroup2 rw 0 0\n";

Look look_at(const base::Files& files) {
  Look look;
  const base::MemoryNetlink netlink;
  read_groups({.files = files, .netlink = netlink, .netns = ""}, kMounts, look);
  return look;
}

TEST(Cgroups, RefusedTimeOfBothVersions) {
  base::MemoryFiles files;
  files.put("/cg/cpu/cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_time 1000\n");
  files.put("/cg/cpu/shop/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 5000000\n");
  files.put("/cg/unified/web.slice/a.service/cpu.stat",
            "usage_usec 9\nnr_periods 7\nnr_throttled 2\nthrottled_usec 300\n");
  const auto look = look_at(files);
  const std::string shop = "{path=\"/shop\",shared=\"host\"}";
  const std::string web = "{path=\"/web.slice/a.service\",shared=\"host\"}";
  EXPECT_THAT(look.counters,
              UnorderedElementsAre(
                  Pair("cgroup.nr_periods" + shop, 10), Pair("cgroup.nr_throttled" + shop, 4),
                  Pair("cgroup.throttled_usec" + shop, 5000), Pair("cgroup.nr_periods" + web, 7),
                  Pair("cgroup.nr_throttled" + web, 2), Pair("cgroup.throttled_usec" + web, 300)));
}

TEST(Cgroups, MemoryOfThoseWithALimit) {
  base::MemoryFiles files;
  files.put("/cg/unified/limited/memory.max", "1048576\n");
  files.put("/cg/unified/limited/memory.current", "4096\n");
  files.put("/cg/unified/limited/memory.events", "low 0\nhigh 0\nmax 5\noom 1\noom_kill 1\n");
  files.put("/cg/unified/free/memory.max", "max\n");
  files.put("/cg/unified/free/memory.high", "max\n");
  files.put("/cg/unified/free/memory.events", "low 0\nhigh 0\nmax 0\n");
  const auto look = look_at(files);
  const std::string limited = "{path=\"/limited\",shared=\"host\"}";
  EXPECT_THAT(look.settings, ElementsAre(Pair("cgroup.memory.max_bytes" + limited, "1048576")));
  EXPECT_THAT(look.gauges, ElementsAre(Pair("cgroup.memory.current_bytes" + limited, 4096)));
  EXPECT_EQ(look.counters.at("cgroup.memory.max" + limited), 5U);
  EXPECT_EQ(look.counters.size(), 5U);
}

TEST(Cgroups, WithoutALimitOfTimeAreNotTold) {
  Look look;
  parse_cpu_stat("usage_usec 9\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n", "/a", look);
  parse_cpu_stat("", "/a", look);
  EXPECT_THAT(look.counters, IsEmpty());
}

TEST(Cgroups, TooManyAreABlindSpot) {
  base::MemoryFiles files;
  for (int at = 0; at < 2100; ++at) {
    files.put("/cg/unified/g" + std::to_string(at) + "/cpu.stat", "nr_periods 1\n");
  }
  EXPECT_EQ(look_at(files).blind_spots.size(), 1U);
}

}  // namespace
}  // namespace sources
