// Real polls: of a veth device with GRO, which has NAPI, and of the CPUs' backlog queues.
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/in.h>

#include "probes/drops/live_fixture.h"
#include "probes/napi/napi.h"

namespace probes::napi {
namespace {

using drops::in_new_namespace;
using drops::kernel_from;
using drops::udp_socket;

constexpr int kPackets = 500;

// Over all CPUs.
Row sum_of(const Probe& probe, const model::Inode& netns, std::uint32_t ifindex) {
  Row sum;
  const auto rows = probe.read();
  if (!rows) ADD_FAILURE() << rows.error().what;
  for (const Row& row : rows.value_or(std::vector<Row>())) {
    if (row.netns != netns || row.ifindex != ifindex) continue;
    sum.polls += row.polls;
    sum.packets += row.packets;
    sum.exhausted += row.exhausted;
  }
  return sum;
}

void send_to(in_addr_t address) {
  const auto socket = udp_socket();
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(address);
  for (int at = 0; at < kPackets; ++at) {
    ASSERT_EQ(sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 1)
        << strerror(errno);
  }
}

void set_feature(const char* device, std::uint32_t command, bool on) {
  ethtool_value value{.cmd = command, .data = on};
  ifreq request{};
  std::strcpy(request.ifr_name, device);
  request.ifr_data = reinterpret_cast<char*>(&value);
  ASSERT_EQ(ioctl(udp_socket().get(), SIOCETHTOOL, &request), 0) << strerror(errno);
}

class LiveNapi : public testing::Test {
 protected:
  void SetUp() override {
    auto attached = drops::attach({.only = drops::Rung::kBtf}, {});
    if (!attached) GTEST_SKIP() << attached.error().what;
    probe_ = std::move(attached->polls);
    ASSERT_NE(probe_, nullptr);
  }

  std::unique_ptr<Probe> probe_;
};

TEST_F(LiveNapi, EveryPacketThatADevicePolledIsCounted) {
  if (!kernel_from(5, 13)) GTEST_SKIP() << "veth has NAPI without XDP since 5.13";
  std::uint32_t ifindex = 0;
  const auto netns = in_new_namespace([&] {
    ASSERT_EQ(std::system("ip link add wda0 type veth peer name wdb0 &&"
                          "ip address add 192.0.2.1/24 dev wda0 && ip link set wda0 up &&"
                          "ip link set wdb0 up && ip link set wdb0 arp off &&"
                          "ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:01 dev wda0"),
              0);
    set_feature("wdb0", ETHTOOL_SGRO, true);
    set_feature("wda0", ETHTOOL_STSO, false);  // else GRO has nothing to gain, and is left out
    ifindex = if_nametoindex("wdb0");
    send_to(0xc0000202);  // 192.0.2.2
    usleep(20000);        // the last poll is a softirq's
  });
  ASSERT_NE(ifindex, 0U);
  const Row row = sum_of(*probe_, netns, ifindex);
  EXPECT_GE(row.packets, std::uint64_t{kPackets});
  EXPECT_LE(row.packets, std::uint64_t{kPackets} + 20) << "but for router solicitations";
  EXPECT_GE(row.polls, row.packets / 64);
  EXPECT_LE(row.exhausted, row.polls);
  EXPECT_LE(row.exhausted, row.packets / 64);
}

TEST_F(LiveNapi, TheBacklogQueuesBelongToNoDevice) {
  const Row before = sum_of(*probe_, "", 0);
  in_new_namespace([&] { send_to(INADDR_LOOPBACK); });
  const Row after = sum_of(*probe_, "", 0);
  EXPECT_GE(after.packets - before.packets, std::uint64_t{kPackets});
  EXPECT_GT(after.polls, before.polls);
}

}  // namespace
}  // namespace probes::napi
