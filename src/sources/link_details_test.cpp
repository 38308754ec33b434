// A world of devices of several kinds (tests/kernels/capture_inventory.py).
#include "sources/link_details.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

class LinkDetails : public testing::Test {
 protected:
  LinkDetails() {
    const auto stream = capture("6.18", "rtm_getlink_details.bin");
    parse_link_details(base::netlink_messages(as_bytes(stream)), "7", look_);
  }
  [[nodiscard]] std::string of(const std::string& device, const std::string& setting) const {
    const auto found =
        look_.settings.find(model::counter_id(setting, {{"dev", device}, {"netns", "7"}}));
    return found == look_.settings.end() ? "not told" : found->second;
  }
  Look look_;
};

TEST_F(LinkDetails, OfABridgeAndItsPort) {
  EXPECT_EQ(of("br0", "link.kind"), "bridge");
  EXPECT_EQ(of("br0", "bridge.stp"), "off");
  EXPECT_EQ(of("br0", "bridge.multicast_snooping"), "on");
  EXPECT_EQ(of("br0", "bridge.ageing_time_cs"), "30000");
  EXPECT_EQ(of("veth1", "link.master"), "br0");
  EXPECT_EQ(of("veth1", "bridge_port.state"), "forwarding");
  EXPECT_EQ(of("veth1", "bridge_port.isolated"), "on");
  EXPECT_EQ(of("veth1", "bridge_port.learning"), "on");
}

TEST_F(LinkDetails, OfATunnel) {
  EXPECT_EQ(of("vx0", "vxlan.id"), "42");
  EXPECT_EQ(of("vx0", "vxlan.local"), "10.0.0.1");
  EXPECT_EQ(of("vx0", "vxlan.group"), "10.0.0.9");
  EXPECT_EQ(of("vx0", "vxlan.port"), "4789");
  EXPECT_EQ(of("vx0", "vxlan.link"), "veth0");
  EXPECT_EQ(of("vx0", "link.mtu"), "1400");
}

TEST_F(LinkDetails, OfOtherKinds) {
  EXPECT_EQ(of("tap0", "tun.type"), "tap");
  EXPECT_EQ(of("tap0", "tun.owner_uid"), "1000");
  EXPECT_EQ(of("tap0", "tun.multi_queue"), "on");
  EXPECT_EQ(of("tap0", "tun.persist"), "on");
  EXPECT_EQ(of("mac0", "macvlan.mode"), "4");
  EXPECT_EQ(of("veth0", "link.qdisc"), "htb");
  EXPECT_EQ(of("lo", "link.mtu"), "65536");
}

TEST_F(LinkDetails, DamagedAnswersDoNoHarm) {
  with_damage(capture("6.18", "rtm_getlink_details.bin"), 300, [](const std::string& damaged) {
    Look look;
    parse_link_details(base::netlink_messages(as_bytes(damaged)), "7", look);
  });
}

}  // namespace
}  // namespace sources
