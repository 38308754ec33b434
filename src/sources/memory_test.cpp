#include "sources/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing_support::capture;
using testing_support::with_damage;

TEST(Vmstat, OnlyWhatTellsOfAShortageIsTold) {
  Look look;
  parse_vmstat(
      "nr_free_pages 12\nallocstall_normal 3\nallocstall_movable 0\noom_kill 1\npgscan_direct 7\n"
      "pgscan_khugepaged 9\ncompact_stall x\nbroken\n",
      look);
  EXPECT_THAT(look.counters,
              testing::UnorderedElementsAre(Pair("vmstat.allocstall_normal{shared=\"host\"}", 3),
                                            Pair("vmstat.allocstall_movable{shared=\"host\"}", 0),
                                            Pair("vmstat.oom_kill{shared=\"host\"}", 1),
                                            Pair("vmstat.pgscan_direct{shared=\"host\"}", 7)));
}

TEST(Vmstat, OfACapturedKernelIsRead) {
  Look look;
  parse_vmstat(capture("6.18", "vmstat"), look);
  EXPECT_THAT(look.counters, Contains(Key("vmstat.oom_kill{shared=\"host\"}")));
  EXPECT_THAT(look.counters, Contains(Key("vmstat.allocstall_normal{shared=\"host\"}")));
  EXPECT_THAT(look.counters, Not(Contains(Key("vmstat.nr_free_pages{shared=\"host\"}"))));
}

TEST(Meminfo, IsToldInBytes) {
  Look look;
  parse_meminfo("MemTotal:       8000 kB\nHugePages_Total:   2\nMemFree: 5\nSlab: 12 kB\n", look);
  EXPECT_THAT(look.gauges,
              testing::UnorderedElementsAre(Pair("meminfo.MemTotal{shared=\"host\"}", 8192000),
                                            Pair("meminfo.Slab{shared=\"host\"}", 12288)));
}

TEST(Pressure, IsTheTimeThatTasksWaited) {
  Look look;
  parse_pressure("memory",
                 "some avg10=0.00 avg60=1.50 avg300=0.00 total=1234567\n"
                 "full avg10=0.00 avg60=0.00 avg300=0.00 total=89\n",
                 look);
  EXPECT_THAT(look.counters,
              testing::UnorderedElementsAre(Pair("pressure.memory.some{shared=\"host\"}", 1234567),
                                            Pair("pressure.memory.full{shared=\"host\"}", 89)));
}

TEST(Memory, DamagedTextDoesNoHarm) {
  with_damage(capture("6.18", "vmstat"), 300, [](const std::string& damaged) {
    Look look;
    parse_vmstat(damaged, look);
    parse_meminfo(damaged, look);
    parse_pressure("memory", damaged, look);
    EXPECT_THAT(look.gauges, IsEmpty());
  });
}

}  // namespace
}  // namespace sources
