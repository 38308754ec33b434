#include "sources/receive_queues.h"

#include <gmock/gmock.h>

namespace sources {
namespace {

TEST(ReceiveQueues, EachReceiveQueueTellsItsCpus) {
  class Sysfs : public base::MemoryFiles {
   public:
    [[nodiscard]] base::Result<std::vector<std::string>> list(
        const std::string& path) const override {
      if (path == "/s/class/net") return std::vector<std::string>{"eth0", "lo"};
      if (path == "/s/class/net/eth0/queues") {
        return std::vector<std::string>{"rx-0", "rx-1", "tx-0"};
      }
      return base::failure("list " + path);
    }
  } files;
  files.put("/s/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000003\n");
  files.put("/s/class/net/eth0/queues/rx-1/rps_cpus", "0\n");
  const auto netlink = base::system_netlink();
  Look look;
  read_steering({.files = files, .netlink = *netlink, .netns = "1"}, "/s", look);
  ASSERT_EQ(look.settings.size(), 2U);
  EXPECT_EQ(look.settings.at("rps.cpus{dev=\"eth0\",netns=\"1\",queue=\"rx-0\"}"),
            "00000000,00000003");
  EXPECT_EQ(look.settings.at("rps.cpus{dev=\"eth0\",netns=\"1\",queue=\"rx-1\"}"), "0");
}

}  // namespace
}  // namespace sources
