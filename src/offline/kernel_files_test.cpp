#include "offline/kernel_files.h"

#include <gmock/gmock.h>

namespace offline {
namespace {

TEST(KernelFiles, OfNstat) {
  const auto files = files_of_nstat(
      "#kernel\nIpInReceives                    8                  0.0\n"
      "IcmpMsgInType3                  6                  0.0\n"
      "UdpSndbufErrors                 38                 0.0\n"
      "UdpLiteInDatagrams              1                  0.0\n"
      "Ip6InReceives                   10                 0.0\n"
      "Udp6RcvbufErrors                2                  0.0\n"
      "TcpExtListenDrops               5                  0.0\n"
      "IpExtInNoECTPkts                7                  0.0\n"
      "MPTcpExtMPCapableSYNRX          9                  0.0\nnot a line\nUdp 1 0.0\n");
  EXPECT_EQ(files.snmp,
            "IcmpMsg: InType3\nIcmpMsg: 6\nIp: InReceives\nIp: 8\nUdp: SndbufErrors\nUdp: 38\n"
            "UdpLite: InDatagrams\nUdpLite: 1\n");
  EXPECT_EQ(files.netstat,
            "IpExt: InNoECTPkts\nIpExt: 7\nMPTcpExt: MPCapableSYNRX\nMPTcpExt: 9\n"
            "TcpExt: ListenDrops\nTcpExt: 5\n");
  EXPECT_EQ(files.snmp6, "Ip6InReceives 10\nUdp6RcvbufErrors 2\n");
}

TEST(KernelFiles, OfNetstat) {
  const auto files = files_of_netstat(
      "Ip:\n    Forwarding: 2\n    8 total packets received\n    38 outgoing packets dropped\n"
      "    OutTransmits: 52\nIcmp:\n    ICMP input histogram:\n        destination unreachable: 6\n"
      "Udp:\n    12 packets sent\n    3 receive buffer errors\n    InCsumErrors: 4\n"
      "TcpExt:\n    9 SYNs to LISTEN sockets dropped\n    TCPBacklogDrop: 2\n"
      "IpExt:\n    InNoECTPkts: 8\n");
  EXPECT_EQ(files.snmp,
            "Ip: InReceives OutDiscards OutTransmits\nIp: 8 38 52\n"
            "Udp: OutDatagrams RcvbufErrors InCsumErrors\nUdp: 12 3 4\n");
  EXPECT_EQ(files.netstat,
            "IpExt: InNoECTPkts\nIpExt: 8\nTcpExt: ListenDrops TCPBacklogDrop\nTcpExt: 9 2\n");
}

TEST(KernelFiles, OfSysctl) {
  const auto files = files_of_sysctl(
      "kernel.hostname = vm\nnet.core.rmem_max = 4194304\nnet.ipv4.conf.eth0/7.rp_filter = 1\n"
      "net.ipv4.tcp_rmem = 4096\t131072\t33554432\nsysctl: permission denied\n");
  EXPECT_THAT(files,
              testing::ElementsAre(testing::Pair("net/core/rmem_max", "4194304"),
                                   testing::Pair("net/ipv4/conf/eth0.7/rp_filter", "1"),
                                   testing::Pair("net/ipv4/tcp_rmem", "4096\t131072\t33554432")));
}

}  // namespace
}  // namespace offline
