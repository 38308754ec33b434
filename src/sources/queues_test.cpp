#include "sources/queues.h"

#include <gmock/gmock.h>
#include <linux/genetlink.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

class Queues : public testing::Test {
 protected:
  Queues() : devices_(1) {
    devices_[0] = {.netns = "1", .ifindex = 4, .name = "eth0", .kind = "physical"};
    access_.devices = devices_;
  }

  template <class Parse>
  void tell(const std::string& stream, Parse parse) {
    for (const auto& message : base::netlink_messages(as_bytes(stream))) {
      parse(base::attributes_after(message.payload, sizeof(genlmsghdr)), access_, look_);
    }
  }

  base::MemoryFiles files_;
  base::MemoryNetlink netlink_;
  std::vector<model::Device> devices_;
  Access access_{.files = files_, .netlink = netlink_, .netns = "1"};
  Look look_;
};

TEST_F(Queues, LimitsAndTimeoutsOfATransmitQueue) {
  const std::string queues = "/sys/class/net/eth0/queues";
  files_.put(queues + "/tx-0/tx_timeout", "3\n");
  files_.put(queues + "/tx-0/xps_cpus", "3\n");
  files_.put(queues + "/tx-0/byte_queue_limits/inflight", "1514\n");
  files_.put(queues + "/tx-0/byte_queue_limits/limit", "2306\n");
  files_.put(queues + "/rx-0/rps_cpus", "2\n");
  files_.put(queues + "/rx-0/rps_flow_cnt", "256\n");
  read_queue_folders(access_, "/sys", look_);
  const auto of = [](const char* queue) {
    return model::counter_id("", {{"dev", "eth0"}, {"netns", "1"}, {"queue", queue}});
  };
  EXPECT_THAT(look_.counters, ElementsAre(Pair("queues.tx_timeout" + of("tx-0"), 3)));
  EXPECT_THAT(look_.gauges, ElementsAre(Pair("bql.inflight_bytes" + of("tx-0"), 1514)));
  EXPECT_THAT(look_.settings, ElementsAre(Pair("bql.limit_bytes" + of("tx-0"), "2306"),
                                          Pair("rps.cpus" + of("rx-0"), "2"),
                                          Pair("rps.flow_entries" + of("rx-0"), "256"),
                                          Pair("xps.cpus" + of("tx-0"), "3")));
}

// virtio_net of this machine, whose only device it is.
TEST_F(Queues, WhatTheKernelSaysOfThem) {
  tell(capture("6.18", "netdev_queue.bin"), parse_queue);
  EXPECT_THAT(look_.settings,
              Contains(Pair("queues.napi{dev=\"eth0\",netns=\"1\",queue=\"rx-0\"}", "257")));
  tell(capture("6.18", "netdev_qstats.bin"), parse_queue_statistics);
  EXPECT_GT(look_.counters.at("qstats.rx-packets{dev=\"eth0\",netns=\"1\",queue=\"rx-0\"}"),
            60000U);
  EXPECT_TRUE(look_.counters.contains("qstats.tx-bytes{dev=\"eth0\",netns=\"1\",queue=\"tx-0\"}"));
}

TEST_F(Queues, OfADeviceThatCameMeanwhileAreLeftOut) {
  devices_[0].ifindex = 99;
  tell(capture("6.18", "netdev_queue.bin"), parse_queue);
  tell(capture("6.18", "netdev_qstats.bin"), parse_queue_statistics);
  tell(capture("6.18", "netdev_napi.bin"), parse_napi);
  EXPECT_THAT(look_.settings, IsEmpty());
  EXPECT_THAT(look_.counters, IsEmpty());
}

TEST_F(Queues, DamagedAnswersDoNoHarm) {
  for (const auto* file : {"netdev_queue.bin", "netdev_napi.bin", "netdev_qstats.bin"}) {
    with_damage(capture("6.18", file), 200, [&](const std::string& damaged) {
      tell(damaged, parse_queue);
      tell(damaged, parse_napi);
      tell(damaged, parse_queue_statistics);
    });
  }
}

}  // namespace
}  // namespace sources
