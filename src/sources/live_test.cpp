// The sources against the running kernel, in a network namespace of this test where that is allowed
// (root, or user namespaces), so that its traffic is the only traffic.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <map>

#include "base/descriptor.h"
#include "base/text.h"
#include "sources/sockets.h"
#include "sources/source.h"

namespace sources {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Key;

// True once the process stands in a namespace of its own with its loopback up.
bool enter_own_namespace() {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const base::Descriptor control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl(control.get(), SIOCSIFFLAGS, &request) == 0;
}

// qemu's emulation of a user program of another architecture has no sock_diag, whatever the kernel
// has, and of rtnetlink only a part.
bool kernel_tells_of_sockets() {
  const base::Descriptor asking(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  return asking.get() >= 0;
}

class LiveSources : public testing::Test {
 protected:
  static void SetUpTestSuite() { alone = enter_own_namespace(); }

  [[nodiscard]] Look read(std::string_view name, Memory* memory = nullptr) const {
    Look look;
    for (const Source* source : all_sources()) {
      if (source->name != name) continue;
      source->read({.files = *files_, .netlink = *netlink_, .netns = "7", .memory = memory}, look);
    }
    return look;
  }

  inline static bool alone = false;
  std::unique_ptr<base::Files> files_ = base::system_files();
  std::unique_ptr<base::Netlink> netlink_ = base::system_netlink();
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t bind_to_loopback(int fd) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0) return 0;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

std::uint64_t inode_of(int fd) {
  struct stat status{};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

const model::Socket* with_inode(const Look& look, std::uint64_t inode) {
  const auto found = std::ranges::find(look.sockets, inode, &model::Socket::inode);
  return found == look.sockets.end() ? nullptr : &*found;
}

TEST_F(LiveSources, AreListedByNameAndEachCanRead) {
  std::vector<std::string_view> names;
  for (const Source* source : all_sources()) {
    names.push_back(source->name);
    ASSERT_NE(source->read, nullptr) << source->name;
  }
  // Sorted, and none twice.
  EXPECT_TRUE(std::ranges::is_sorted(names, std::ranges::less_equal{}));
  EXPECT_THAT(names, Contains("softnet"));
}

TEST_F(LiveSources, KeepNoDescriptor) {
  const auto before = files_->list("/proc/self/fd").value();
  for (const Source* source : all_sources()) static_cast<void>(read(source->name));
  netlink_.reset();
  EXPECT_EQ(files_->list("/proc/self/fd").value(), before);
}

TEST_F(LiveSources, SeeNoBlindSpotInAnOrdinaryNamespace) {
  if (!kernel_tells_of_sockets()) GTEST_SKIP() << "no sock_diag here";
  for (const std::string_view name : {"link", "qdisc", "snmp", "sockets", "sockstat", "softnet"}) {
    for (const auto& spot : read(name).blind_spots) ADD_FAILURE() << spot.what << ": " << spot.why;
  }
}

TEST_F(LiveSources, ANamespaceWithoutAFirewallHasNoChains) {
  if (!alone || geteuid() != 0) GTEST_SKIP() << "not root in a network namespace of its own";
  for (const std::string_view name : {"iptables", "nftables"}) {
    const Look look = read(name);
    EXPECT_THAT(look.firewall_chains, IsEmpty()) << name;
    for (const auto& spot : look.blind_spots) ADD_FAILURE() << spot.what << ": " << spot.why;
  }
  // Nor has reading made a table.
  EXPECT_EQ(files_->read("/proc/thread-self/net/ip_tables_names").value_or(""), "");
}

TEST_F(LiveSources, LinkKnowsTheDevicesThatTheLibraryKnows) {
  std::map<std::uint32_t, std::string> expected;
  struct if_nameindex* list = if_nameindex();
  ASSERT_NE(list, nullptr);
  for (const auto* entry = list; entry->if_index != 0; ++entry) {
    expected[entry->if_index] = entry->if_name;
  }
  if_freenameindex(list);
  std::map<std::uint32_t, std::string> found;
  for (const auto& device : read("link").devices) found[device.ifindex] = device.name;
  EXPECT_EQ(found, expected);
}

TEST_F(LiveSources, SoftnetHasALineForEveryOnlineCpu) {
  const auto text = files_->read("/proc/net/softnet_stat").value();
  const Look look = read("softnet");
  EXPECT_EQ(look.counters.size(), base::lines(text).size() * 5);
}

TEST_F(LiveSources, SysctlTellsWhatTheFileHolds) {
  const auto text = files_->read("/proc/sys/net/core/somaxconn").value();
  const Look look = read("sysctl");
  EXPECT_THAT(look.settings, Contains(testing::Pair("sysctl.net.core.somaxconn{netns=\"7\"}",
                                                    std::string(base::trim(text)))));
}

TEST_F(LiveSources, KmsgEndsWhereTheLogEnds) {
  const Look look = read("kmsg");
  // Without the file, the devtmpfs that is read instead takes a right of its own.
  if (files_->read("/dev/kmsg")) {
    EXPECT_THAT(look.blind_spots, testing::IsEmpty());
  }
}

// 300 datagrams to a socket that never reads: what did not stay in its buffer was dropped, and the
// socket, the protocol and the loopback all counted it.
TEST_F(LiveSources, AgreeOnDatagramsLostToAFullBuffer) {
  if (!alone) GTEST_SKIP() << "no right to a network namespace of its own";
  const base::Descriptor receiver(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const base::Descriptor sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int small = 4096;
  setsockopt(receiver.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const std::uint16_t port = bind_to_loopback(receiver.get());
  ASSERT_NE(port, 0);
  const Look snmp_before = read("snmp");
  const Look link_before = read("link");
  const sockaddr_in address = loopback(port);
  char content[512] = {};
  for (int sent = 0; sent < 300; ++sent) {
    ASSERT_EQ(sendto(sender.get(), content, sizeof content, 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address),
              512);
  }
  Look snmp_after = read("snmp");
  Look link_after = read("link");
  const Look sockets_after = read("sockets");
  const auto* socket_seen = with_inode(sockets_after, inode_of(receiver.get()));
  ASSERT_NE(socket_seen, nullptr);
  EXPECT_EQ(socket_seen->local, "127.0.0.1");
  EXPECT_EQ(socket_seen->local_port, port);
  std::uint64_t received = 0;
  while (recv(receiver.get(), content, sizeof content, MSG_DONTWAIT) == 512) ++received;
  EXPECT_GT(received, 0U);
  EXPECT_EQ(socket_seen->drops, 300 - received);
  const auto rise = [&](Look& after, const Look& before, const std::string& id) {
    const auto old = before.counters.find(id);
    return old == before.counters.end() ? UINT64_MAX : after.counters[id] - old->second;
  };
  EXPECT_EQ(rise(snmp_after, snmp_before, "snmp.Udp.RcvbufErrors{netns=\"7\"}"), 300 - received);
  EXPECT_EQ(rise(snmp_after, snmp_before, "snmp.Udp.InErrors{netns=\"7\"}"), 300 - received);
  EXPECT_EQ(rise(link_after, link_before, "link.rx_packets{dev=\"lo\",netns=\"7\"}"), 300U);
}

TEST_F(LiveSources, WithMemoryOnlyWhatChangedIsTold) {
  if (!alone) GTEST_SKIP() << "no right to a network namespace of its own";
  Memory memory;
  EXPECT_GT(read("snmp", &memory).counters.size(), 100U);
  EXPECT_THAT(read("snmp", &memory).counters, IsEmpty());
  EXPECT_GT(read("link", &memory).counters.size(), 20U);
  EXPECT_THAT(read("link", &memory).counters, IsEmpty());
  const base::Descriptor sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in nobody = loopback(9);
  sendto(sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&nobody), sizeof nobody);
  const Look look = read("snmp", &memory);
  EXPECT_THAT(look.counters, Contains(Key("snmp.Udp.NoPorts{netns=\"7\"}")));
  EXPECT_LT(look.counters.size(), 30U);
  EXPECT_THAT(read("link", &memory).counters,
              Contains(Key("link.rx_packets{dev=\"lo\",netns=\"7\"}")));
}

TEST_F(LiveSources, AListenerAndItsConnectionAreFound) {
  if (!kernel_tells_of_sockets()) GTEST_SKIP() << "no sock_diag here";
  const base::Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_GE(listener.get(), 0);
  const std::uint16_t port = bind_to_loopback(listener.get());
  ASSERT_EQ(listen(listener.get(), 7), 0);
  const Look listeners = read("sockets");
  const auto* seen = with_inode(listeners, inode_of(listener.get()));
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->state, "listen");
  EXPECT_EQ(seen->send_queue, 7U);
  EXPECT_EQ(seen->receive_queue, 0U);
  EXPECT_EQ(seen->local_port, port);
  if (!alone) GTEST_SKIP() << "no right to a network namespace of its own";
  const base::Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  ASSERT_EQ(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const Look look = read("sockets");
  ASSERT_NE(with_inode(look, inode_of(listener.get())), nullptr);
  EXPECT_EQ(with_inode(look, inode_of(listener.get()))->receive_queue, 1U);
  EXPECT_EQ(with_inode(look, inode_of(client.get())), nullptr);  // nobody asked for connections
  Look connections;
  read_tcp_established({.files = *files_, .netlink = *netlink_, .netns = "7"}, connections);
  const auto* connection = with_inode(connections, inode_of(client.get()));
  ASSERT_NE(connection, nullptr);
  EXPECT_EQ(connection->state, "established");
  EXPECT_EQ(connection->remote_port, port);
  ASSERT_TRUE(connection->tcp);
  EXPECT_GT(connection->tcp->cwnd, 0U);
}

}  // namespace
}  // namespace sources
