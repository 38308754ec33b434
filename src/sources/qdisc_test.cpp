#include "sources/qdisc.h"

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "sources/capture.h"
#include "sources/link.h"

namespace sources {

extern const Source qdisc;
extern const Source qdisc_classes;

namespace {

using testing::Contains;
using testing::Gt;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using namespace testing_support;

// What the source tells of a capture, names taken from the captured devices.
Look look_at(const std::string& kernel) {
  const base::MemoryFiles files;
  base::MemoryNetlink netlink;
  const std::string links = capture(kernel, "rtm_getlink.bin");
  const std::string qdiscs = capture(kernel, "rtm_getqdisc.bin");
  netlink.put_capture(NETLINK_ROUTE, RTM_GETLINK, as_bytes(links));
  netlink.put_capture(NETLINK_ROUTE, RTM_GETQDISC, as_bytes(qdiscs));
  Look look;
  qdisc.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  return look;
}

TEST(Qdisc, TellsTheQdiscsOfEveryKernelCaptured) {
  const auto kernels = kernels_with("rtm_getqdisc.bin");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    const Look look = look_at(kernel);
    EXPECT_THAT(look.blind_spots, IsEmpty()) << kernel;
    const std::string tbf = "{dev=\"veth0\",handle=\"8001:\",kind=\"tbf\",netns=\"7\"}";
    // 50 datagrams of 1 kB into a queue of 5 kB.
    EXPECT_THAT(look.counters, Contains(Pair("qdisc.drops" + tbf, Gt(30U)))) << kernel;
    EXPECT_THAT(look.counters, Contains(Pair("qdisc.packets" + tbf, Gt(0U)))) << kernel;
    EXPECT_THAT(look.counters, Contains(Pair("qdisc.bytes" + tbf, Gt(1000U)))) << kernel;
    EXPECT_THAT(look.counters, Contains(Pair("qdisc.overlimits" + tbf, Gt(0U)))) << kernel;
    EXPECT_THAT(look.counters, Contains(Key("qdisc.requeues" + tbf))) << kernel;
    EXPECT_THAT(look.gauges, Contains(Key("qdisc.qlen" + tbf))) << kernel;
    EXPECT_THAT(look.gauges, Contains(Key("qdisc.backlog" + tbf))) << kernel;
    const std::string clsact = "{dev=\"veth0\",handle=\"ffff:\",kind=\"clsact\",netns=\"7\"}";
    EXPECT_THAT(look.counters, Contains(Key("qdisc.drops" + clsact))) << kernel;
    // A qdisc below another one says so: its drops are in its parent's, too.
    EXPECT_THAT(look.counters,
                Contains(Key("qdisc.drops{dev=\"veth1\",handle=\"1:\",kind=\"htb\",netns=\"7\"}")));
    EXPECT_THAT(look.counters, Contains(Key("qdisc.drops{dev=\"veth1\",handle=\"10:\","
                                            "kind=\"pfifo\",netns=\"7\",parent=\"1:10\"}")));
  }
}

TEST(Qdisc, TellsWhatLimitsThem) {
  for (const auto& kernel : kernels_with("rtm_getqdisc.bin")) {
    const auto settings = look_at(kernel).settings;
    // tests/kernels/world.sh: rate 1mbit burst 3000 limit 5000; default 10; limit 5.
    const std::string tbf = "{dev=\"veth0\",handle=\"8001:\",kind=\"tbf\",netns=\"7\"}";
    EXPECT_THAT(settings, Contains(Pair("qdisc.limit_bytes" + tbf, "5000"))) << kernel;
    EXPECT_THAT(settings, Contains(Pair("qdisc.rate_bytes_per_s" + tbf, "125000"))) << kernel;
    EXPECT_THAT(settings, Contains(Pair("qdisc.burst_bytes" + tbf, "3000"))) << kernel;
    EXPECT_THAT(settings, Not(Contains(Key("qdisc.peak_bytes_per_s" + tbf)))) << kernel;
    EXPECT_THAT(settings, Contains(Pair("qdisc.default_class{dev=\"veth1\",handle=\"1:\","
                                        "kind=\"htb\",netns=\"7\"}",
                                        "16")))
        << kernel;
    EXPECT_THAT(settings, Contains(Pair("qdisc.limit_packets{dev=\"veth1\",handle=\"10:\","
                                        "kind=\"pfifo\",netns=\"7\",parent=\"1:10\"}",
                                        "5")))
        << kernel;
    // The kernel of 6.18 was built without it.
    if (kernel == "6.18") continue;
    const std::string codel = "{dev=\"veth2\",handle=\"20:\",kind=\"fq_codel\",netns=\"7\"}";
    EXPECT_THAT(settings, Contains(Pair("qdisc.limit_packets" + codel, "10240"))) << kernel;
    EXPECT_THAT(settings, Contains(Pair("qdisc.memory_limit_bytes" + codel, "33554432"))) << kernel;
  }
}

// 6.12/rtm_getqdisc_kinds.bin: a qdisc of each kind, with handle N: on device "qN:".
std::map<std::string, std::string, std::less<>> settings_of_all_kinds() {
  const std::string stream = capture("6.12", "rtm_getqdisc_kinds.bin");
  const auto messages = base::netlink_messages(as_bytes(stream));
  std::map<std::uint32_t, std::string> names;
  for (const auto& message : messages) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    if (!header || header->tcm_handle == 0) continue;
    names[static_cast<std::uint32_t>(header->tcm_ifindex)] = "q" + handle_text(header->tcm_handle);
  }
  Look look;
  parse_qdiscs(messages, "7", names, look);
  return look.settings;
}

TEST(Qdisc, TellsWhatLimitsEachKind) {
  const auto settings = settings_of_all_kinds();
  const auto told = [&](const std::string& setting, int number, const std::string& kind) {
    const std::string handle = std::to_string(number) + ":";
    const auto found = settings.find("qdisc." + setting + "{dev=\"q" + handle + "\",handle=\"" +
                                     handle + "\",kind=\"" + kind + "\",netns=\"7\"}");
    return found == settings.end() ? std::string("-") : found->second;
  };
  EXPECT_EQ(told("limit_packets", 1, "pfifo"), "11");
  EXPECT_EQ(told("limit_bytes", 2, "bfifo"), "12345");
  EXPECT_EQ(told("limit_packets", 3, "pfifo_head_drop"), "13");
  EXPECT_EQ(told("limit_packets", 4, "pfifo_fast"), "-");
  EXPECT_EQ(told("limit_bytes", 5, "tbf"), "14000");
  EXPECT_EQ(told("rate_bytes_per_s", 5, "tbf"), "1000000");
  EXPECT_EQ(told("burst_bytes", 5, "tbf"), "4000");
  EXPECT_EQ(told("peak_bytes_per_s", 5, "tbf"), "2000000");
  EXPECT_EQ(told("limit_packets", 6, "fq"), "1500");
  EXPECT_EQ(told("flow_limit_packets", 6, "fq"), "160");
  EXPECT_EQ(told("limit_packets", 7, "fq_codel"), "1700");
  EXPECT_EQ(told("memory_limit_bytes", 7, "fq_codel"), "1800000");
  EXPECT_EQ(told("limit_packets", 8, "codel"), "190");
  EXPECT_EQ(told("limit_packets", 9, "sfq"), "120");
  EXPECT_EQ(told("limit_bytes", 10, "red"), "210000");
  EXPECT_EQ(told("limit_packets", 11, "netem"), "220");
  EXPECT_EQ(told("limit_packets", 12, "pie"), "230");
  EXPECT_EQ(told("memory_limit_bytes", 13, "cake"), "240000");
  EXPECT_EQ(told("rate_bytes_per_s", 13, "cake"), "1000000");
  EXPECT_EQ(told("default_class", 14, "htb"), "16");
  EXPECT_EQ(told("direct_limit_packets", 14, "htb"), "25");
  // 40 Gbit/s do not fit into 32 bits; of 400,000 bytes tc told the kernel whole ticks: 1,249.
  EXPECT_EQ(told("rate_bytes_per_s", 15, "tbf"), "5000000000");
  EXPECT_EQ(told("burst_bytes", 15, "tbf"), "399680");
}

TEST(QdiscClasses, TellsTheRatesOfHtb) {
  const base::MemoryFiles files;
  base::MemoryNetlink netlink;
  netlink.put_capture(NETLINK_ROUTE, RTM_GETLINK, as_bytes(capture("6.18", "rtm_getlink.bin")));
  netlink.put_capture(NETLINK_ROUTE, RTM_GETQDISC, as_bytes(capture("6.18", "rtm_getqdisc.bin")));
  netlink.put_capture(NETLINK_ROUTE, RTM_GETTCLASS, as_bytes(capture("6.18", "rtm_gettclass.bin")));
  Look look;
  qdisc_classes.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  // Only veth1 has an htb: the other devices are not asked. 40gbit does not fit into 32 bits.
  EXPECT_THAT(
      look.settings,
      testing::UnorderedElementsAre(
          Pair("qdisc.class_rate_bytes_per_s{class=\"1:10\",dev=\"veth1\",netns=\"7\"}", "125000"),
          Pair("qdisc.class_ceil_bytes_per_s{class=\"1:10\",dev=\"veth1\",netns=\"7\"}", "250000"),
          Pair("qdisc.class_rate_bytes_per_s{class=\"1:1\",dev=\"veth1\",netns=\"7\"}",
               "5000000000"),
          Pair("qdisc.class_ceil_bytes_per_s{class=\"1:1\",dev=\"veth1\",netns=\"7\"}",
               "5000000000")));
}

TEST(QdiscClasses, DamagedMessagesAreReadWithoutHarm) {
  with_damage(capture("6.18", "rtm_gettclass.bin"), 5000, [&](const std::string& stream) {
    Look look;
    parse_classes(base::netlink_messages(as_bytes(stream)), "a", "7", look);
    for (const auto& [name, value] : look.settings)
      EXPECT_TRUE(name.starts_with("qdisc.class_")) << value;
  });
}

TEST(Qdisc, DamagedOptionsAreReadWithoutHarm) {
  std::map<std::uint32_t, std::string> names;
  for (std::uint32_t ifindex = 1; ifindex < 40; ++ifindex) names[ifindex] = "q";
  with_damage(capture("6.12", "rtm_getqdisc_kinds.bin"), 5000, [&](const std::string& stream) {
    Look look;
    parse_qdiscs(base::netlink_messages(as_bytes(stream)), "7", names, look);
    for (const auto& [name, value] : look.settings)
      EXPECT_TRUE(name.starts_with("qdisc.")) << value;
  });
}

TEST(Qdisc, NamesOfTheLinkSourceAreUsedWhereItWasThereBefore) {
  const base::MemoryFiles files;
  base::MemoryNetlink netlink;
  const std::string qdiscs = capture("6.18", "rtm_getqdisc.bin");
  netlink.put_capture(NETLINK_ROUTE, RTM_GETQDISC, as_bytes(qdiscs));
  Look look;
  const std::string links = capture("6.18", "rtm_getlink.bin");
  const auto no_driver = [](std::string_view, std::string_view) { return std::string(); };
  parse_links(base::netlink_messages(as_bytes(links)), "7", no_driver, nullptr, look);
  qdisc.read({.files = files, .netlink = netlink, .netns = "7", .devices = look.devices}, look);
  EXPECT_THAT(look.blind_spots, IsEmpty());
  EXPECT_THAT(look.counters,
              Contains(Key("qdisc.drops{dev=\"veth1\",handle=\"1:\",kind=\"htb\",netns=\"7\"}")));
}

TEST(Qdisc, AQdiscOfAnUnknownDeviceIsLeftOut) {
  const std::string stream = capture("6.18", "rtm_getqdisc.bin");
  Look look;
  parse_qdiscs(base::netlink_messages(as_bytes(stream)), "7", {}, look);
  EXPECT_THAT(look.counters, IsEmpty());
}

TEST(Qdisc, WithoutTheRightToEnterItIsABlindSpot) {
  const base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  Look look;
  qdisc.read({.files = files, .netlink = netlink, .netns = "7", .can_use_netlink = false}, look);
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_THAT(look.blind_spots[0].stages, testing::ElementsAre(model::Stage::kQdisc));
  EXPECT_FALSE(look.blind_spots[0].enable.empty());
}

TEST(HandleText, IsThatOfTc) {
  EXPECT_EQ(handle_text(0x80010000), "8001:");
  EXPECT_EQ(handle_text(0), "0:");
  EXPECT_EQ(handle_text(0x8001000a), "8001:a");
  EXPECT_EQ(handle_text(0x00000001), ":1");
  EXPECT_EQ(handle_text(0xffff0000), "ffff:");
}

TEST(Qdisc, DamagedMessagesAreReadWithoutHarm) {
  const std::map<std::uint32_t, std::string> names = {{2, "a"}, {3, "b"}, {4, "c"}, {5, "d"}};
  with_damage(capture("6.18", "rtm_getqdisc.bin"), 5000, [&](const std::string& stream) {
    Look look;
    parse_qdiscs(base::netlink_messages(as_bytes(stream)), "7", names, look);
    for (const auto& [name, value] : look.counters)
      EXPECT_TRUE(name.starts_with("qdisc.")) << value;
    for (const auto& [name, value] : look.settings)
      EXPECT_TRUE(name.starts_with("qdisc.")) << value;
  });
}

}  // namespace
}  // namespace sources
