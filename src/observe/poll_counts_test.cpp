#include "observe/poll_counts.h"

#include <gmock/gmock.h>

namespace observe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(PollCounts, TellsTheDeviceByNameAndTheBacklogOfTheHost) {
  const std::vector<model::Device> devices = {
      {.netns = "1", .ifindex = 2, .name = "eth0"},
      {.netns = "9", .ifindex = 2, .name = "other"},
  };
  const std::vector<probes::napi::Row> rows = {
      {.netns = "1", .ifindex = 2, .cpu = 1, .polls = 5, .packets = 70, .exhausted = 1},
      {.netns = "1", .ifindex = 7, .cpu = 1, .polls = 4, .packets = 3, .exhausted = 0},
      {.netns = "", .ifindex = 0, .cpu = 3, .polls = 3, .packets = 2, .exhausted = 0},
  };
  EXPECT_THAT(poll_counters(rows, devices),
              ElementsAre(Pair("napi_poll.exhausted{cpu=\"1\",dev=\"7\",netns=\"1\"}", 0U),
                          Pair("napi_poll.exhausted{cpu=\"1\",dev=\"eth0\",netns=\"1\"}", 1U),
                          Pair("napi_poll.exhausted{cpu=\"3\",shared=\"host\"}", 0U),
                          Pair("napi_poll.packets{cpu=\"1\",dev=\"7\",netns=\"1\"}", 3U),
                          Pair("napi_poll.packets{cpu=\"1\",dev=\"eth0\",netns=\"1\"}", 70U),
                          Pair("napi_poll.packets{cpu=\"3\",shared=\"host\"}", 2U),
                          Pair("napi_poll.polls{cpu=\"1\",dev=\"7\",netns=\"1\"}", 4U),
                          Pair("napi_poll.polls{cpu=\"1\",dev=\"eth0\",netns=\"1\"}", 5U),
                          Pair("napi_poll.polls{cpu=\"3\",shared=\"host\"}", 3U)));
}

TEST(PollCounts, NothingIsToldWithoutAProbe) {
  model::Evidence evidence;
  evidence.timeline.add_point(0);
  PollCounts().add(0, evidence);
  EXPECT_THAT(evidence.timeline.counters, IsEmpty());
  EXPECT_THAT(evidence.blind_spots, IsEmpty());
}

}  // namespace
}  // namespace observe
