// 25 datagrams went through a class of htb (tests/kernels/capture_inventory.py).
#include "sources/tc_classes.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

TEST(TcClasses, CountWhatTheySent) {
  const auto stream = capture("6.18", "rtm_gettclass_traffic.bin");
  Look look;
  parse_class_counters(base::netlink_messages(as_bytes(stream)), "veth0", "7", look);
  const std::string labels = "{class=\"1:10\",dev=\"veth0\",kind=\"htb\",netns=\"7\"}";
  EXPECT_GT(look.counters.at("class.packets" + labels), 0U);
  EXPECT_EQ(look.counters.at("class.drops" + labels), 0U);
  EXPECT_TRUE(look.gauges.contains("class.backlog" + labels));
}

TEST(TcClasses, DamagedAnswersDoNoHarm) {
  with_damage(capture("6.18", "rtm_gettclass_traffic.bin"), 300, [](const std::string& damaged) {
    Look look;
    parse_class_counters(base::netlink_messages(as_bytes(damaged)), "veth0", "7", look);
  });
}

}  // namespace
}  // namespace sources
