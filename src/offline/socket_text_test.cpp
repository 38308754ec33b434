#include "offline/socket_text.h"

#include <gmock/gmock.h>

namespace offline {
namespace {

// After iproute2 6.1 and net-tools 2.10; the processes are made up, one with a name that means ill.
constexpr std::string_view kSs =
    "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\n"
    "udp   UNCONN 4608   0          127.0.0.1:5001       0.0.0.0:*    "
    "users:((\"a ino:1 users:\",pid=812,fd=3),(\"b\",pid=9,fd=3)) ino:3174 sk:1001 cgroup:/x <->\n"
    "\t skmem:(r4608,rb8192,t0,tb212992,f0,w0,o0,bl0,d456)\n"
    "tcp   LISTEN 3      128          [::]:2024       *:*    ino:1590 sk:1 cgroup:/ v6only:0 <->\n"
    "\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0) bbr cwnd:10\n"
    "tcp   ESTAB  0      0      10.0.0.1:22       10.0.0.2:4000    ino:7 sk:2 <->\n";

TEST(SocketText, OfSs) {
  const auto sockets = parse_ss(kSs, "7");
  ASSERT_EQ(sockets.size(), 2U);
  const auto& udp = sockets[0];
  EXPECT_EQ(udp.local, "127.0.0.1");
  EXPECT_EQ(udp.local_port, 5001);
  EXPECT_EQ(udp.inode, 3174U);
  EXPECT_EQ(udp.receive_buffer, 8192U);
  EXPECT_EQ(udp.drops, 456U);
  ASSERT_TRUE(udp.owner);
  EXPECT_EQ(udp.owner->comm, "a ino:1 users:");
  EXPECT_EQ(udp.owner->pid, 812U);
  EXPECT_EQ(udp.owner->cgroup, "/x");
  EXPECT_EQ(sockets[1].protocol, "tcp");
  EXPECT_EQ(sockets[1].state, "listen");
  EXPECT_EQ(sockets[1].family, 6);
  EXPECT_EQ(sockets[1].receive_queue, 3U);
  EXPECT_EQ(sockets[1].send_queue, 128U);
}

TEST(SocketText, OfSsForOneProtocol) {
  const auto sockets = parse_ss(
      "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
      "UNCONN 0      0          0.0.0.0:53        0.0.0.0:*    ino:15 sk:1 cgroup:/ <->\n",
      "7", "udp");
  ASSERT_EQ(sockets.size(), 1U);
  EXPECT_EQ(sockets[0].protocol, "udp");
  EXPECT_EQ(sockets[0].local_port, 53);
}

TEST(SocketText, OfNetstat) {
  const auto sockets = parse_netstat_sockets(
      "Active Internet connections (servers and established)\n"
      "Proto Recv-Q Send-Q Local Address  Foreign Address  State  User  Inode  PID/Program name\n"
      "tcp        2      0 0.0.0.0:2024   0.0.0.0:*        LISTEN      0   1590  -  off "
      "(0.00/0/0)\n"
      "tcp        0      0 1.2.3.4:22     1.2.3.5:9        ESTABLISHED 0   1591  7/x off "
      "(0.00/0/0)\n"
      "udp     4608      0 127.0.0.1:5001 0.0.0.0:*                    0   3174  812/python3  off\n"
      "udp6       0      0 :::53          :::*                         0   9     -   off\n",
      "7");
  ASSERT_EQ(sockets.size(), 3U);
  EXPECT_EQ(sockets[0].state, "listen");
  EXPECT_EQ(sockets[0].receive_queue, 2U);
  EXPECT_EQ(sockets[1].inode, 3174U);
  EXPECT_EQ(sockets[1].owner->comm, "python3");
  EXPECT_EQ(sockets[2].local_port, 53);
  EXPECT_FALSE(sockets[2].owner);
}

TEST(SocketText, CompletesWhatTheKernelListed) {
  std::vector<model::Socket> ours{{.netns = "7", .protocol = "udp", .inode = 3174, .drops = 456}};
  add_printed_sockets(parse_ss(kSs, "7"), ours);
  ASSERT_EQ(ours.size(), 2U);
  EXPECT_EQ(ours[0].owner->pid, 812U);
  EXPECT_EQ(ours[0].receive_buffer, 8192U);
  EXPECT_EQ(ours[1].state, "listen");
}

TEST(SocketText, WhatIsCutDoesNoHarm) {
  for (std::size_t length = 0; length < kSs.size(); ++length) {
    (void)parse_ss(kSs.substr(0, length), "7");
    (void)parse_netstat_sockets(kSs.substr(0, length), "7");
  }
}

}  // namespace
}  // namespace offline
