#include "diagnose/by_hand.h"

#include <gtest/gtest.h>

namespace diagnose {
namespace {

std::string command(const model::CounterId& id) {
  model::Evidence evidence;
  evidence.netns = {{.id = "1", .name = "init", .enter_path = "/proc/1/ns/net"},
                    {.id = "2", .name = "web", .enter_path = "/run/netns/web"},
                    {.id = "3", .enter_path = "/proc/42/ns/net"}};
  return command_by_hand(evidence, id);
}

TEST(CommandByHand, IsTheOneThatAnExpertTypes) {
  EXPECT_EQ(command(R"(snmp.Udp.RcvbufErrors{netns="1"})"), "nstat -asz UdpRcvbufErrors");
  EXPECT_EQ(command(R"(netstat.TcpExt.ListenDrops{netns="1"})"), "nstat -asz TcpExtListenDrops");
  EXPECT_EQ(command(R"(snmp6.Ip6InDiscards{netns="1"})"), "nstat -asz Ip6InDiscards");
  EXPECT_EQ(command(R"(link.rx_dropped{dev="eth0",netns="1"})"), "ip -s -s link show dev eth0");
  EXPECT_EQ(command(R"(qdisc.drops{dev="eth0",handle="1:",kind="tbf",netns="1"})"),
            "tc -s qdisc show dev eth0");
  EXPECT_EQ(command(R"(ethtool.rx_drops{dev="eth0",netns="1"})"), "ethtool -S eth0");
  EXPECT_EQ(command(R"(ethtool.ring.rx{dev="eth0",netns="1"})"), "ethtool -g eth0");
  EXPECT_EQ(command(R"(softnet.dropped{cpu="0",shared="host"})"), "cat /proc/net/softnet_stat");
  EXPECT_EQ(command(R"(sysctl.net.core.rmem_max{shared="host"})"), "sysctl net.core.rmem_max");
  EXPECT_EQ(command(R"(lnstat.nf_conntrack.drop{netns="1"})"), "lnstat -j -c 1 -f nf_conntrack");
  EXPECT_EQ(command(R"(pressure.memory.some{shared="host"})"), "cat /proc/pressure/memory");
  EXPECT_EQ(command(R"(vmstat.oom_kill{shared="host"})"), "cat /proc/vmstat");
  EXPECT_EQ(command(R"(nosuch.name{netns="1"})"), "");
}

TEST(CommandByHand, OfTheWholePicture) {
  // iproute2 shows the sum of both only.
  EXPECT_EQ(command(R"(link.carrier_down_count{dev="eth0",netns="2"})"),
            "ip netns exec web cat /sys/class/net/eth0/carrier_down_count");
  EXPECT_EQ(command(R"(link.carrier_changes{dev="eth0",netns="1"})"),
            "ip -s -s link show dev eth0");
  EXPECT_EQ(command(R"(ethtool.rss.hash_udp4{dev="eth0",netns="1"})"),
            "ethtool -n eth0 rx-flow-hash udp4");
  EXPECT_EQ(command(R"(ethtool.driver{dev="eth0",netns="1"})"), "ethtool -i eth0");
  EXPECT_EQ(command(R"(link.tx_dropped{dev="eth0",netns="1"})"), "ip -s -s link show dev eth0");
  EXPECT_EQ(command(R"(link.tx_queues{dev="eth0",netns="1"})"), "ip -d link show dev eth0");
  EXPECT_EQ(command(R"(bridge_port.state{dev="veth1",netns="2"})"),
            "ip -n web -d link show dev veth1");
  EXPECT_EQ(command(R"(tc_action.drops{action="1 drop",dev="eth0",hook="tc-ingress",netns="1"})"),
            "tc -s filter show dev eth0 ingress");
  EXPECT_EQ(command(R"(tc_action.drops{action="1 drop",dev="eth0",hook="1:",netns="1"})"),
            "tc -s filter show dev eth0 parent 1:");
  EXPECT_EQ(command(R"(iptables.packets{chain="INPUT",family="ip6",netns="1",table="filter"})"),
            "ip6tables -t filter -nvxL INPUT --line-numbers");
  EXPECT_EQ(command(R"(nft.packets{chain="in",family="inet",handle="4",netns="2",table="fw"})"),
            "ip netns exec web nft -a list chain inet fw in");
  EXPECT_EQ(command(R"(qstats.rx-packets{dev="eth0",netns="1",queue="rx-0"})"),
            R"(ynl --family netdev --dump qstats-get --json '{"scope": "queue"}')");
  EXPECT_EQ(command(R"(interrupts.count{cpu="0",dev="eth0",irq="38",netns="2"})"),
            "cat /proc/interrupts");
  EXPECT_EQ(command(R"(interrupts.affinity{dev="eth0",irq="38",netns="2"})"),
            "cat /proc/irq/38/smp_affinity_list");
  EXPECT_EQ(command(R"(bpf.runs{id="12",name="x",shared="host",type="xdp"})"),
            "bpftool prog show id 12");
}

TEST(CommandByHand, EntersTheNamespace) {
  EXPECT_EQ(command(R"(snmp.Udp.RcvbufErrors{netns="2"})"),
            "ip netns exec web nstat -asz UdpRcvbufErrors");
  EXPECT_EQ(command(R"(link.rx_dropped{dev="eth0",netns="2"})"),
            "ip -n web -s -s link show dev eth0");
  EXPECT_EQ(command(R"(ethtool.rx_drops{dev="eth0",netns="2"})"),
            "ip netns exec web ethtool -S eth0");
}

// sysfs shows the devices of the namespace in which it was mounted.
TEST(CommandByHand, MountsASysfsWhereEnteringDoesNot) {
  const auto in = [](const std::string& netns) {
    return command(R"(rps.cpus{dev="eth0",netns=")" + netns + R"(",queue="rx-0"})");
  };
  EXPECT_EQ(in("1"), "grep -rs . /sys/class/net/eth0/queues/rx-0/");
  EXPECT_EQ(in("2"), "ip netns exec web grep -rs . /sys/class/net/eth0/queues/rx-0/");
  EXPECT_EQ(in("3"),
            "nsenter -t 42 -n unshare -m sh -c "
            "'mount -t sysfs sysfs /sys && grep -rs . /sys/class/net/eth0/queues/rx-0/'");
}

TEST(CommandByHand, QuotesNamesFromOutside) {
  EXPECT_EQ(command(R"(ethtool.rx_drops{dev="a;b",netns="1"})"), "ethtool -S 'a;b'");
}

}  // namespace
}  // namespace diagnose
