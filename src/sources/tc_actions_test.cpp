// 25 datagrams went past a filter that mirrors them (tests/kernels/capture_inventory.py).
#include "sources/tc_actions.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

TEST(TcActions, CountWhatTheySaw) {
  const auto stream = capture("6.18", "rtm_gettfilter_mirred.bin");
  Look look;
  parse_action_counters(base::netlink_messages(as_bytes(stream)), {"veth0", "tc-egress"}, "7",
                        look);
  const std::string labels =
      "{action=\"1 mirred\",dev=\"veth0\",filter=\"pref 7 u32 handle "
      "800::800\",hook=\"tc-egress\",netns=\"7\"}";
  EXPECT_EQ(look.counters.at("tc_action.packets" + labels), 25U);
  // IP and UDP headers and 100 bytes each, with the Ethernet header.
  EXPECT_EQ(look.counters.at("tc_action.bytes" + labels), 25U * (100 + 28 + 14));
  EXPECT_EQ(look.counters.at("tc_action.drops" + labels), 0U);
}

TEST(TcActions, DamagedAnswersDoNoHarm) {
  with_damage(capture("6.18", "rtm_gettfilter_mirred.bin"), 300, [](const std::string& damaged) {
    Look look;
    parse_action_counters(base::netlink_messages(as_bytes(damaged)), {"veth0", "tc-egress"}, "7",
                          look);
  });
}

}  // namespace
}  // namespace sources
