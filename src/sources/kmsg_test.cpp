#include "sources/kmsg.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {

extern const Source kmsg;

namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;

// Texts as the kernel's own format strings make them (5.10 to 6.18).
TEST(KindOfMessage, KnowsWhatIsSaidOfLostPackets) {
  EXPECT_EQ(kind_of_message("neighbour: arp_cache: neighbor table overflow!"), "table-full");
  EXPECT_EQ(kind_of_message("nf_conntrack: nf_conntrack: table full, dropping packet"),
            "table-full");
  EXPECT_EQ(kind_of_message("TCP: time wait bucket table overflow"), "table-full");
  EXPECT_EQ(kind_of_message("TCP: request_sock_TCP: Possible SYN flooding on port 8080. "
                            "Sending cookies.  Check SNMP counters."),
            "syn-flood");
  EXPECT_EQ(kind_of_message("TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:8080. "
                            "Sending cookies."),
            "syn-flood");
  EXPECT_EQ(kind_of_message("NETDEV WATCHDOG: eth0 (virtio_net): transmit queue 0 timed out"),
            "tx-timeout");
  EXPECT_EQ(kind_of_message("virtio_net virtio2 eth0: NETDEV WATCHDOG: CPU: 1: transmit queue 0 "
                            "timed out 5024 ms"),
            "tx-timeout");
  EXPECT_EQ(kind_of_message("ksoftirqd/0: page allocation failure: order:0, mode:0x820"),
            "allocation-failure");
  EXPECT_EQ(kind_of_message("e1000e 0000:00:19.0 eth0: NIC Link is Down"), "link");
  EXPECT_EQ(kind_of_message("IPv6: ADDRCONF(NETDEV_CHANGE): veth0: link becomes ready"), "link");
}

TEST(KindOfMessage, IsSilentAboutTheRest) {
  for (const std::string_view text :
       {"", "random: crng init done", "nf_conntrack version 0.5.0", "table full of wisdom",
        "EXT4-fs (vda): mounted filesystem"}) {
    EXPECT_EQ(kind_of_message(text), std::nullopt) << text;
  }
}

TEST(ParseKmsg, TakesTheTimeAndTheTextOfARecord) {
  const auto found = parse_kmsg(
      "6,1,100,-;random: crng init done\n"
      "4,2,5678901,-;nf_conntrack: nf_conntrack: table full, dropping packet\n"
      " SUBSYSTEM=net\n"
      " DEVICE=n2\n"
      "6,3,6000000,c;eth0: Link is Down\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_DOUBLE_EQ(found[0].at_s, 5.678901);
  EXPECT_EQ(found[0].kind, "table-full");
  EXPECT_EQ(found[0].text, "nf_conntrack: nf_conntrack: table full, dropping packet");
  EXPECT_EQ(found[1].kind, "link");
}

TEST(ParseKmsg, FieldsThatKernelsMayAppendBeforeTheTextAreSkipped) {
  EXPECT_THAT(parse_kmsg("6,3,6000000,-,caller=T1;eth0: Link is Down\n"), SizeIs(1));
}

// Facility 1 and above: written by a process, which may claim anything.
TEST(ParseKmsg, WhatAProcessWroteIsNoMessageOfTheKernel) {
  EXPECT_THAT(parse_kmsg("12,3,6000000,-;eth0: Link is Down\n"), IsEmpty());
  EXPECT_THAT(parse_kmsg("7,3,6000000,-;eth0: Link is Down\n"), SizeIs(1));
}

TEST(ParseKmsg, AMalformedRecordIsSkippedAndTheRestIsRead) {
  const std::string good = "6,3,6000000,-;eth0: Link is Down\n";
  EXPECT_THAT(parse_kmsg(""), IsEmpty());
  EXPECT_THAT(parse_kmsg("Link is Down\n6,3;Link is Down\nx,3,6,-;Link is Down\n"
                         "6,3,y,-;Link is Down\n;\n" +
                         good),
              ElementsAre(Field(&model::KernelMessage::text, "eth0: Link is Down")));
}

class RefusingFiles : public base::MemoryFiles {
 public:
  [[nodiscard]] base::Result<std::string> read(const std::string& path) const override {
    return base::system_failure("open " + path, EPERM);
  }
};

TEST(Kmsg, AnUnreadableLogIsABlindSpotThatSaysWhatWouldHelp) {
  const base::MemoryNetlink netlink;
  Look refused;
  kmsg.read({.files = RefusingFiles(), .netlink = netlink, .netns = ""}, refused);
  ASSERT_THAT(refused.blind_spots, SizeIs(1));
  EXPECT_THAT(refused.blind_spots[0].why, HasSubstr("/dev/kmsg"));
  EXPECT_THAT(refused.blind_spots[0].enable, HasSubstr("CAP_SYSLOG"));
  base::MemoryFiles files;
  Look look;
  kmsg.read({.files = files, .netlink = netlink, .netns = ""}, look);
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_THAT(look.blind_spots[0].why, HasSubstr("/dev/kmsg"));
  EXPECT_THAT(look.blind_spots[0].enable, HasSubstr("devtmpfs"));
  files.put("/dev/kmsg", "6,3,6000000,-;eth0: Link is Down\n");
  kmsg.read({.files = files, .netlink = netlink, .netns = ""}, look);
  EXPECT_THAT(look.messages, SizeIs(1));
}

TEST(ParseKmsg, DamagedRecordsAreReadWithoutHarm) {
  const std::string sound =
      "6,1,100,-;random: crng init done\n"
      "4,2,5678901,-;nf_conntrack: nf_conntrack: table full, dropping packet\n SUBSYSTEM=net\n"
      "6,3,6000000,c;eth0: Link is Down\n";
  with_damage(sound, 5000, [&](const std::string& records) {
    for (const auto& message : parse_kmsg(records)) EXPECT_FALSE(message.kind.empty());
  });
}

}  // namespace
}  // namespace sources
