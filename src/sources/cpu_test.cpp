#include "sources/cpu.h"

#include <gmock/gmock.h>

namespace sources {
namespace {

using testing::IsEmpty;

constexpr std::string_view kText =
    "cpu  61 2 30 900 4 1 12 3 0 0\n"
    "cpu0 41 1 20 400 3 1 10 2 0 0\n"
    "cpu1 20 1 10 500 1 0 2 1 0 0\n"
    "intr 12345 0 0\n"
    "ctxt 99\n";

TEST(CpuTimes, AreToldPerCpuAndNeverSummed) {
  Look look;
  parse_cpu_times(kText, look);
  EXPECT_EQ(look.counters.at("cpu.softirq{cpu=\"0\",shared=\"host\"}"), 10U);
  EXPECT_EQ(look.counters.at("cpu.idle{cpu=\"1\",shared=\"host\"}"), 500U);
  EXPECT_EQ(look.counters.at("cpu.steal{cpu=\"0\",shared=\"host\"}"), 2U);
  EXPECT_EQ(look.counters.size(), 16U);
}

TEST(CpuTimes, AShortOrStrangeLineIsSkipped) {
  Look look;
  parse_cpu_times("cpu0 1 2 3\ncpux 1 2 3 4 5 6 7 8\n", look);
  EXPECT_THAT(look.counters, IsEmpty());
}

}  // namespace
}  // namespace sources
