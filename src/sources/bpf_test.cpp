#include "sources/bpf.h"

#include <gmock/gmock.h>

namespace sources {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

BpfHost host_with_one() {
  return {.programs = [] { return std::vector<std::uint32_t>{12, 13}; },
          .program = [](std::uint32_t id) -> base::Result<host::BpfProgram> {
            if (id != 12) return base::failure("gone");
            return host::BpfProgram{.name = "firewall",
                                    .tag = "6deef7357e7b4530",
                                    .type = "xdp",
                                    .loaded_ns = 5,
                                    .runs = 100,
                                    .run_ns = 2000,
                                    .recursion_misses = 1};
          },
          .links =
              [] { return std::vector<host::BpfLink>{{.program = 12, .place = "xdp ifindex 3"}}; }};
}

base::MemoryFiles with_holder() {
  base::MemoryFiles files;
  files.put("/proc/812/comm", "agent\n");
  files.put_link("/proc/812/fd/4", "anon_inode:bpf-prog");
  files.put("/proc/812/fdinfo/4", "pos:\t0\nprog_type:\t6\nprog_id:\t12\n");
  files.put_link("/proc/812/fd/5", "anon_inode:bpf_link");
  files.put("/proc/812/fdinfo/5", "link_type:\txdp\nprog_id:\t12\n");
  files.put_link("/proc/812/fd/6", "socket:[77]");
  return files;
}

TEST(Bpf, WhatRanAndWhereItHangsAndWhoHoldsIt) {
  Look look;
  const auto files = with_holder();
  const base::MemoryNetlink netlink;
  read_bpf({.files = files, .netlink = netlink, .netns = ""}, host_with_one(), look);
  const std::string labels = "{id=\"12\",name=\"firewall\",shared=\"host\",type=\"xdp\"}";
  EXPECT_THAT(look.counters,
              ElementsAre(Pair("bpf.recursion_misses" + labels, 1),
                          Pair("bpf.run_ns" + labels, 2000), Pair("bpf.runs" + labels, 100)));
  EXPECT_THAT(look.settings, ElementsAre(Pair("bpf.holders" + labels, "812 agent"),
                                         Pair("bpf.links" + labels, "xdp ifindex 3"),
                                         Pair("bpf.loaded_ns" + labels, "5"),
                                         Pair("bpf.tag" + labels, "6deef7357e7b4530")));
}

TEST(Bpf, WithoutTheRightIsABlindSpot) {
  auto bpf = host_with_one();
  bpf.programs = []() -> base::Result<std::vector<std::uint32_t>> {
    return base::failure("list BPF programs: Operation not permitted", "CAP_SYS_ADMIN");
  };
  Look look;
  const base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  read_bpf({.files = files, .netlink = netlink, .netns = ""}, bpf, look);
  ASSERT_EQ(look.blind_spots.size(), 1U);
  EXPECT_EQ(look.blind_spots[0].enable, "CAP_SYS_ADMIN");
  EXPECT_THAT(look.counters, IsEmpty());
}

}  // namespace
}  // namespace sources
