#include "sources/ksoftirqd.h"

#include <gmock/gmock.h>

namespace sources {

extern const Source ksoftirqd;

namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

base::MemoryFiles host() {
  base::MemoryFiles files;
  files.put("/proc/2/task/2/children", "3 15 16 ");
  files.put("/proc/3/comm", "rcu_gp\n");
  files.put("/proc/15/comm", "ksoftirqd/0\n");
  files.put("/proc/15/schedstat", "100 200 3\n");
  files.put("/proc/16/comm", "ksoftirqd/1\n");
  files.put("/proc/16/schedstat", "400 500 6\n");
  return files;
}

TEST(Ksoftirqd, ToldForEachCpu) {
  const auto files = host();
  Look look;
  ksoftirqd.read({.files = files, .netlink = base::MemoryNetlink(), .netns = ""}, look);
  EXPECT_THAT(look.counters, SizeIs(6));
  EXPECT_THAT(look.counters, Contains(Pair("ksoftirqd.delay_ns{cpu=\"1\",shared=\"host\"}", 500)));
}

TEST(Ksoftirqd, ThreadsAreLookedForOnce) {
  Memory memory;
  const base::MemoryNetlink netlink;
  Look look;
  const auto files = host();
  ksoftirqd.read({.files = files, .netlink = netlink, .netns = "", .memory = &memory}, look);
  base::MemoryFiles later;
  later.put("/proc/15/schedstat", "101 201 4\n");
  look = {};
  ksoftirqd.read({.files = later, .netlink = netlink, .netns = "", .memory = &memory}, look);
  EXPECT_THAT(look.counters, SizeIs(3));
  EXPECT_THAT(look.counters, Contains(Pair("ksoftirqd.run_ns{cpu=\"0\",shared=\"host\"}", 101)));
}

TEST(Ksoftirqd, WhatIsNoStatisticIsLeftOut) {
  Look look;
  parse_schedstat("0", "", look);
  parse_schedstat("0", "1 2", look);
  parse_schedstat("x", "1 2 3", look);
  EXPECT_THAT(look.counters, IsEmpty());
}

}  // namespace
}  // namespace sources
