#include "sources/link.h"

#include <gmock/gmock.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <sstream>

#include "sources/capture.h"

namespace sources {

extern const Source link;

namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::Ge;
using testing::IsEmpty;
using testing::Key;
using testing::Le;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using namespace testing_support;

std::string id(const std::string& field, const std::string& device) {
  return "link." + field + "{dev=\"" + device + "\",netns=\"7\"}";
}

Look look_at(std::span<const base::NetlinkMessage> messages, Memory* memory = nullptr) {
  Look look;
  const auto driver = [](std::string_view bus, std::string_view parent) {
    return std::string(bus) + '/' + std::string(parent);
  };
  parse_links(messages, "7", driver, memory, look);
  return look;
}

std::vector<base::NetlinkMessage> captured(const std::string& kernel) {
  const std::string stream = capture(kernel, "rtm_getlink.bin");
  return base::netlink_messages(as_bytes(stream));
}

model::Device device(const Look& look, const std::string& name) {
  const auto found = std::ranges::find(look.devices, name, &model::Device::name);
  return found == look.devices.end() ? model::Device{} : *found;
}

TEST(Link, KnowsTheDevicesOfEveryKernelCaptured) {
  const auto kernels = kernels_with("rtm_getlink.bin");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    const Look look = look_at(captured(kernel));
    ASSERT_THAT(look.devices, SizeIs(5)) << kernel;
    EXPECT_EQ(device(look, "lo").kind, "loopback") << kernel;
    EXPECT_EQ(device(look, "lo").ifindex, 1U) << kernel;
    EXPECT_EQ(device(look, "lo").mtu, 65536U) << kernel;
    EXPECT_EQ(device(look, "br0").kind, "bridge") << kernel;
    EXPECT_EQ(device(look, "veth0").kind, "veth") << kernel;
    EXPECT_EQ(device(look, "veth0").operstate, "up") << kernel;
    EXPECT_EQ(device(look, "veth0").mtu, 1500U) << kernel;
    EXPECT_EQ(device(look, "veth0").txqueuelen, 1000U) << kernel;
    EXPECT_EQ(device(look, "veth1").master, "br0") << kernel;
    EXPECT_EQ(device(look, "veth0").master, "") << kernel;
    EXPECT_EQ(device(look, "veth0").xdp_program, 0U) << kernel;
    for (const auto& found : look.devices) EXPECT_EQ(found.netns, "7") << kernel;
  }
}

TEST(Link, APeerInTheSameNamespaceIsNamedOneInAnotherIsNot) {
  for (const auto& kernel : kernels_with("rtm_getlink.bin")) {
    const Look look = look_at(captured(kernel));
    EXPECT_EQ(device(look, "veth1").peer, (model::DevicePeer{.netns = "7", .name = "veth2"}));
    EXPECT_EQ(device(look, "veth2").peer, (model::DevicePeer{.netns = "7", .name = "veth1"}));
    EXPECT_EQ(device(look, "veth0").peer, std::nullopt) << kernel;
    EXPECT_NE(device(look, "veth0").peer_ifindex, 0U) << kernel;
    EXPECT_EQ(device(look, "br0").peer_ifindex, 0U) << kernel;
  }
}

// The same counters as the kernel itself prints them as text, where that does not mix them. The
// text was read a moment earlier.
TEST(Link, CountsWhatProcNetDevCounts) {
  const auto kernels = kernels_with("rtm_getlink.bin");
  for (const auto& kernel : kernels) {
    const Look look = look_at(captured(kernel));
    Look text_look;
    parse_proc_dev(capture(kernel, "dev"), "7", text_look);
    EXPECT_THAT(text_look.counters, SizeIs(5 * 13)) << kernel;
    for (const auto& [name, value] : text_look.counters) {
      EXPECT_THAT(look.counters, Contains(Pair(name, AllOf(Ge(value), Le(value + 1000)))))
          << kernel;
    }
    EXPECT_THAT(text_look.counters, Not(Contains(Key(id("rx_dropped", "veth0")))));
  }
}

TEST(Link, TellsTheFieldsThatTheKernelHas) {
  const Look newer = look_at(captured("6.18"));
  EXPECT_THAT(newer.counters, Contains(Key(id("rx_otherhost_dropped", "lo"))));
  const Look older = look_at(captured("5.10"));
  EXPECT_THAT(older.counters, Contains(Key(id("rx_nohandler", "lo"))));
  EXPECT_THAT(older.counters, Not(Contains(Key(id("rx_otherhost_dropped", "lo")))));
  for (const Look* look : {&newer, &older}) {
    EXPECT_THAT(look->counters, Contains(Key(id("carrier_changes", "veth0"))));
    EXPECT_THAT(look->counters, Contains(Key(id("carrier_up_count", "veth0"))));
    EXPECT_THAT(look->counters, Contains(Key(id("carrier_down_count", "veth0"))));
  }
}

// A message put together by hand (synthetic): name, and attributes as they come.
struct Message {
  std::vector<std::byte> payload;

  explicit Message(int ifindex, std::string_view name) {
    ifinfomsg header{};
    header.ifi_index = ifindex;
    append(std::as_bytes(std::span(&header, 1)));
    add(IFLA_IFNAME, as_bytes(std::string(name) + '\0'));
  }
  void append(std::span<const std::byte> bytes) {
    payload.insert(payload.end(), bytes.begin(), bytes.end());
    payload.resize(NLMSG_ALIGN(payload.size()));
  }
  Message& add(int type, std::span<const std::byte> content) {
    const rtattr header{.rta_len = static_cast<unsigned short>(RTA_LENGTH(content.size())),
                        .rta_type = static_cast<unsigned short>(type)};
    append(std::as_bytes(std::span(&header, 1)));
    append(content);
    return *this;
  }
  template <class Number>
  Message& number(int type, Number value) {
    return add(type, std::as_bytes(std::span(&value, 1)));
  }
  [[nodiscard]] base::NetlinkMessage get() const {
    return {.type = RTM_NEWLINK, .payload = payload};
  }
};

TEST(Link, TheXdpProgramOfAnyModeIsTold) {
  Message nested(0, "");
  nested.payload.clear();
  nested.number(IFLA_XDP_PROG_ID, std::uint32_t{0}).number(IFLA_XDP_SKB_PROG_ID, std::uint32_t{77});
  const auto message = Message(3, "eth0").add(IFLA_XDP, nested.payload).get();
  EXPECT_EQ(device(look_at(std::span(&message, 1)), "eth0").xdp_program, 77U);
}

TEST(Link, TheDriverIsAskedForByTheHardwareBehindTheDevice) {
  const auto message = Message(3, "eth0")
                           .add(IFLA_PARENT_DEV_NAME, as_bytes("virtio2"))
                           .add(IFLA_PARENT_DEV_BUS_NAME, as_bytes("virtio"))
                           .get();
  EXPECT_EQ(device(look_at(std::span(&message, 1)), "eth0").driver, "virtio/virtio2");
  base::MemoryFiles files;
  files.put_link("/sys/bus/virtio/devices/virtio2/driver",
                 "../../../bus/virtio/drivers/virtio_net");
  base::MemoryNetlink netlink;
  netlink.put(NETLINK_ROUTE, RTM_GETLINK, {message});
  Look look;
  link.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_EQ(device(look, "eth0").driver, "virtio_net");
}

TEST(Link, NamesAreTakenAsTheyAre) {
  const auto message = Message(3, "a\x1b\"b").number(IFLA_MTU, std::uint32_t{9}).get();
  const Look look = look_at(std::span(&message, 1));
  ASSERT_THAT(look.devices, SizeIs(1));
  EXPECT_EQ(look.devices[0].name, "a\x1b\"b");
  EXPECT_EQ(look.devices[0].operstate, "unknown");
}

TEST(Link, AMessageWithoutNameOrNumberIsSkipped) {
  const std::vector<base::NetlinkMessage> messages = {
      Message(0, "zero").get(),
      Message(4, "").get(),
      {.type = RTM_NEWLINK, .payload = {}},
      {.type = RTM_DELLINK, .payload = Message(5, "gone").payload},
      Message(6, "eth0").get()};
  EXPECT_THAT(look_at(messages).devices, ElementsAre(Field(&model::Device::name, "eth0")));
}

TEST(Link, StatisticsCutShortAreToldAsFarAsTheyGo) {
  const std::vector<std::uint64_t> two = {11, 22};
  const auto message = Message(3, "eth0").add(IFLA_STATS64, std::as_bytes(std::span(two))).get();
  EXPECT_THAT(
      look_at(std::span(&message, 1)).counters,
      ElementsAre(Pair(id("rx_packets", "eth0"), 11U), Pair(id("tx_packets", "eth0"), 22U)));
  // Longer than we know, and not a whole number of fields.
  const std::vector<std::uint64_t> many(40, 5);
  const auto longer =
      Message(3, "eth0").add(IFLA_STATS64, std::as_bytes(std::span(many)).first(40 * 8 - 3)).get();
  EXPECT_THAT(look_at(std::span(&longer, 1)).counters, SizeIs(25));
}

TEST(Link, OnlyChangedFieldsAreToldAgain) {
  std::vector<std::uint64_t> fields = {1, 2, 3, 4};
  const auto message = [&] {
    return Message(3, "eth0")
        .add(IFLA_STATS64, std::as_bytes(std::span(fields)))
        .number(IFLA_CARRIER_CHANGES, std::uint32_t{1})
        .get();
  };
  Memory memory;
  auto now = message();
  EXPECT_THAT(look_at(std::span(&now, 1), &memory).counters, SizeIs(5));
  EXPECT_THAT(look_at(std::span(&now, 1), &memory).counters, IsEmpty());
  fields[2] = 9;
  now = message();
  const Look look = look_at(std::span(&now, 1), &memory);
  EXPECT_THAT(look.counters, ElementsAre(Pair(id("rx_bytes", "eth0"), 9U)));
  EXPECT_THAT(look.devices, SizeIs(1));
}

TEST(Link, WithoutTheRightToEnterTextIsReadAndTheRestIsBlind) {
  base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  files.put("/proc/42/net/dev", capture("6.18", "dev"));
  Look look;
  link.read({.files = files,
             .netlink = netlink,
             .netns = "7",
             .proc_net = "/proc/42/net",
             .can_use_netlink = false},
            look);
  EXPECT_THAT(look.counters, Contains(Key(id("rx_packets", "lo"))));
  EXPECT_THAT(look.counters, Not(Contains(Key(id("rx_dropped", "lo")))));
  EXPECT_THAT(look.blind_spots, SizeIs(1));
}

TEST(Link, ARefusedDumpIsABlindSpot) {
  const base::MemoryFiles files;
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_ROUTE, RTM_GETLINK, {"netlink request: no", ""});
  Look look;
  link.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].why, "netlink request: no");
  EXPECT_THAT(look.counters, IsEmpty());
}

TEST(ProcDev, AMalformedLineIsSkippedAndTheRestIsRead) {
  Look look;
  parse_proc_dev(
      "eth0: 1 2 3\neth1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
      "eth2:1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
      "7", look);
  EXPECT_THAT(look.counters, SizeIs(12));
  EXPECT_THAT(look.counters, Contains(Pair(id("rx_bytes", "eth2"), 1U)));
  EXPECT_THAT(look.counters, Contains(Pair(id("tx_dropped", "eth2"), 12U)));
  EXPECT_THAT(look.counters, Not(Contains(Key(id("rx_errors", "eth2")))));
}

model::Device veth(const std::string& netns, std::uint32_t ifindex, const std::string& name,
                   std::uint32_t peer) {
  return {.netns = netns, .ifindex = ifindex, .name = name, .kind = "veth", .peer_ifindex = peer};
}

std::string peer_of(const std::vector<model::Device>& devices, const std::string& name) {
  const auto found = std::ranges::find(devices, name, &model::Device::name);
  return found == devices.end() || !found->peer ? "" : found->peer->netns + '/' + found->peer->name;
}

TEST(ResolvePeers, JoinsTheTwoEndsAcrossNamespaces) {
  // Two containers made alike: the number 2 in both, but each names another end on the host.
  std::vector<model::Device> devices = {veth("host", 5, "vethA", 2), veth("host", 7, "vethB", 2),
                                        veth("one", 2, "eth0a", 5), veth("two", 2, "eth0b", 7)};
  resolve_peers(devices, {});
  EXPECT_EQ(peer_of(devices, "vethA"), "one/eth0a");
  EXPECT_EQ(peer_of(devices, "eth0a"), "host/vethA");
  EXPECT_EQ(peer_of(devices, "vethB"), "two/eth0b");
  EXPECT_EQ(peer_of(devices, "eth0b"), "host/vethB");
}

TEST(ResolvePeers, TheSameNumberOnBothEndsIsAPairToo) {
  std::vector<model::Device> devices = {veth("one", 2, "a", 2), veth("two", 2, "b", 2)};
  resolve_peers(devices, {});
  EXPECT_EQ(peer_of(devices, "a"), "two/b");
  EXPECT_EQ(peer_of(devices, "b"), "one/a");
}

TEST(ResolvePeers, WhatCannotBeToldApartStaysUnknown) {
  std::vector<model::Device> devices = {veth("one", 2, "a", 3), veth("two", 3, "b", 2),
                                        veth("three", 2, "c", 3), veth("four", 3, "d", 2)};
  resolve_peers(devices, {});
  for (const std::string name : {"a", "b", "c", "d"}) EXPECT_EQ(peer_of(devices, name), "");
}

TEST(ResolvePeers, TheAddressesOfBothEndsTellPairsThatLookAlikeApart) {
  std::vector<model::Device> devices = {veth("one", 2, "a", 3), veth("two", 3, "b", 2),
                                        veth("three", 2, "c", 3), veth("four", 3, "d", 2)};
  const std::vector<VethEnds> ends = {{"one", 2, "02:01", "02:04"},
                                      {"two", 3, "02:02", "02:03"},
                                      {"three", 2, "02:03", "02:02"},
                                      {"four", 3, "02:04", "02:01"}};
  resolve_peers(devices, ends);
  EXPECT_EQ(peer_of(devices, "a"), "four/d");
  EXPECT_EQ(peer_of(devices, "b"), "three/c");
  EXPECT_EQ(peer_of(devices, "c"), "two/b");
  EXPECT_EQ(peer_of(devices, "d"), "one/a");
}

TEST(ResolvePeers, ALookAlikeThatVanishedDoesNotHideAPairWhoseAddressesMatch) {
  std::vector<model::Device> devices = {veth("one", 2, "a", 2), veth("two", 2, "b", 2),
                                        veth("gone", 2, "c", 2)};
  devices[2].vanished = true;
  resolve_peers(devices, {{"one", 2, "02:01", "02:02"}, {"two", 2, "02:02", "02:01"}});
  EXPECT_EQ(peer_of(devices, "a"), "two/b");
  EXPECT_EQ(peer_of(devices, "b"), "one/a");
  EXPECT_EQ(peer_of(devices, "c"), "");
}

TEST(ResolvePeers, APeerThatWasNotSeenStaysUnknown) {
  std::vector<model::Device> devices = {veth("one", 2, "a", 9), veth("two", 9, "b", 4)};
  resolve_peers(devices, {});
  EXPECT_EQ(peer_of(devices, "a"), "");
  EXPECT_EQ(peer_of(devices, "b"), "");
}

TEST(Link, DamagedMessagesAreReadWithoutHarm) {
  with_damage(capture("6.18", "rtm_getlink.bin"), 3000, [&](const std::string& stream) {
    Memory memory;
    Look look = look_at(base::netlink_messages(as_bytes(stream)), &memory);
    resolve_peers(look.devices, {});
    for (const auto& found : look.devices) EXPECT_FALSE(found.name.empty());
  });
  with_damage(capture("6.18", "dev"), 3000, [&](const std::string& text) {
    Look look;
    parse_proc_dev(text, "7", look);
    for (const auto& [name, value] : look.counters) EXPECT_TRUE(name.starts_with("link.")) << value;
  });
}

}  // namespace
}  // namespace sources
