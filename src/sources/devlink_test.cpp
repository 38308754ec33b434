// Synthetic: laid out as the kernel lays out its answers (net/devlink/leftover.c:
// devlink_nl_health_reporter_fill, devlink_nl_trap_fill); we have no hardware with devlink.
#include "sources/devlink.h"

#include <gmock/gmock.h>
#include <linux/devlink.h>

#include "base/generic_netlink.h"
#include "sources/capture.h"

namespace sources {
namespace {

using base::GenericRequest;
using testing::ElementsAre;
using testing::Pair;
using testing_support::as_bytes;
using testing_support::with_damage;

GenericRequest of_card() {
  return GenericRequest(0)
      .add_text(DEVLINK_ATTR_BUS_NAME, "pci")
      .add_text(DEVLINK_ATTR_DEV_NAME, "0000:03:00.0");
}

std::vector<std::byte> attributes_of(const GenericRequest& answer) {
  const auto all = answer.bytes().subspan(sizeof(genlmsghdr));
  return {all.begin(), all.end()};
}

std::vector<std::byte> reporter() {
  const auto tx = GenericRequest(0)
                      .add_text(DEVLINK_ATTR_HEALTH_REPORTER_NAME, "tx")
                      .add(DEVLINK_ATTR_HEALTH_REPORTER_STATE, std::uint8_t{1})
                      .add(DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT, std::uint64_t{4})
                      .add(DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT, std::uint64_t{3});
  return attributes_of(of_card().add_nested(DEVLINK_ATTR_HEALTH_REPORTER, tx));
}

std::vector<std::byte> trap() {
  const auto statistics = GenericRequest(0)
                              .add(DEVLINK_ATTR_STATS_RX_PACKETS, std::uint64_t{11})
                              .add(DEVLINK_ATTR_STATS_RX_BYTES, std::uint64_t{1100});
  return attributes_of(of_card()
                           .add_text(DEVLINK_ATTR_TRAP_NAME, "source_mac_is_multicast")
                           .add(DEVLINK_ATTR_TRAP_ACTION, std::uint8_t{0})
                           .add_nested(DEVLINK_ATTR_STATS, statistics));
}

TEST(Devlink, HealthOfACard) {
  Look look;
  parse_health_reporter(reporter(), "1", look);
  const std::string labels = "{device=\"pci/0000:03:00.0\",netns=\"1\",reporter=\"tx\"}";
  EXPECT_THAT(look.counters, ElementsAre(Pair("devlink.health_errors" + labels, 4),
                                         Pair("devlink.health_recoveries" + labels, 3)));
  EXPECT_THAT(look.settings, ElementsAre(Pair("devlink.health_state" + labels, "error")));
}

TEST(Devlink, TrapsOfACard) {
  Look look;
  parse_trap(trap(), "1", look);
  const std::string labels =
      "{device=\"pci/0000:03:00.0\",netns=\"1\",trap=\"source_mac_is_multicast\"}";
  EXPECT_THAT(look.counters, ElementsAre(Pair("devlink.trap_bytes" + labels, 1100),
                                         Pair("devlink.trap_packets" + labels, 11)));
  EXPECT_THAT(look.settings, ElementsAre(Pair("devlink.trap_action" + labels, "drop")));
}

TEST(Devlink, DamagedAnswersDoNoHarm) {
  for (const auto& sound : {reporter(), trap()}) {
    const std::string text(reinterpret_cast<const char*>(sound.data()), sound.size());
    with_damage(text, 300, [](const std::string& damaged) {
      Look look;
      parse_health_reporter(as_bytes(damaged), "1", look);
      parse_trap(as_bytes(damaged), "1", look);
    });
  }
}

}  // namespace
}  // namespace sources
