#include "diagnose/firewall.h"

#include <gmock/gmock.h>

namespace diagnose {
namespace {

using testing::IsEmpty;

std::string hook_text(const std::vector<std::string>& stack) {
  const auto hook = hook_of(stack);
  return hook ? std::string(hook->family) + " " + std::string(hook->name) : "";
}

// The stacks of Linux 6.18, from nf_hook_slow outwards.
TEST(HookOf, TellsTheHooksOfIpv4) {
  EXPECT_EQ(hook_text({"nft_do_chain+0x3e8", "nft_do_chain_ipv4+0x66", "nf_hook_slow+0x43",
                       "ip_rcv+0x9c", "__netif_receive_skb_one_core+0x85"}),
            "ip prerouting");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip_local_deliver+0xb1",
                       "__netif_receive_skb_one_core+0x85"}),
            "ip input");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip_forward+0x4a1"}), "ip forward");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "__ip_local_out+0x11c", "ip_send_skb+0x1e",
                       "udp_sendmsg+0x9e6"}),
            "ip output");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip_output+0x5a", "ip_send_skb+0x1e"}),
            "ip postrouting");
}

TEST(HookOf, TellsTheHooksOfIpv6) {
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ipv6_rcv+0x9c"}), "ip6 prerouting");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip6_input+0x54"}), "ip6 input");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip6_forward+0x6ec"}), "ip6 forward");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "__ip6_local_out+0xe2", "ip6_local_out+0x1e",
                       "ip6_send_skb+0x1d"}),
            "ip6 output");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip6_xmit+0x3d8", "inet6_csk_xmit+0xd8"}),
            "ip6 output");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x7d", "ip6_output+0x5a"}), "ip6 postrouting");
}

TEST(HookOf, TellsTheHooksOfDevicesBridgesAndArp) {
  EXPECT_EQ(hook_text({"nft_do_chain+0x3e8", "nft_do_chain_netdev+0x8b", "nf_hook_slow+0x43",
                       "__netif_receive_skb_core.constprop.0+0x5d3",
                       "__netif_receive_skb_one_core+0x3c"}),
            "netdev ingress");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "__dev_queue_xmit+0x3a2", "ip_finish_output2+0x2a7",
                       "ip_output+0x63"}),
            "netdev egress");
  // What the bridge's own device sends takes the same way as what a port received.
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "__br_forward+0xd3", "br_handle_frame_finish+0x2c1",
                       "br_handle_frame+0x1c3"}),
            "bridge forward");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "__br_forward+0xd3", "br_dev_xmit+0x2f0"}),
            "bridge output");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "arp_rcv+0x151"}), "arp input");
}

// A packet that is received in the softirq of its sender's send(): the outer frames are the
// sender's, and of another hook.
TEST(HookOf, TheInnermostHookCounts) {
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "ip_local_deliver+0xb1", "process_backlog+0x8c",
                       "net_rx_action+0x1a", "__dev_queue_xmit+0x3a2", "ip_output+0x63"}),
            "ip input");
  // br_netfilter shows a bridge's packets to the hooks of IP.
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "br_nf_pre_routing+0x3b1", "br_handle_frame+0x1c3",
                       "__netif_receive_skb_core.constprop.0+0x2a2"}),
            "ip prerouting");
}

TEST(HookOf, NoFrameNoHook) {
  EXPECT_EQ(hook_text({}), "");
  EXPECT_EQ(hook_text({"nf_hook_slow+0x43", "some_driver_poll+0x12"}), "");
}

TEST(DeciderOf, NftablesFreesWhatItDropsSinceLinux67) {
  EXPECT_EQ(decider_of("nft_do_chain", "6.18.44"), Decider::kNftables);
  EXPECT_EQ(decider_of("nf_hook_slow", "6.18.44-fc-v669"), Decider::kNotNftables);
  EXPECT_EQ(decider_of("nf_hook_slow", "6.7-rc1"), Decider::kNotNftables);
  EXPECT_EQ(decider_of("nf_hook_slow", "7.0.1"), Decider::kNotNftables);
  EXPECT_EQ(decider_of("nf_hook_slow", "6.6.30"), Decider::kAnyone);
  EXPECT_EQ(decider_of("nf_hook_slow", "5.10.0-46-amd64"), Decider::kAnyone);
  EXPECT_EQ(decider_of("nf_hook_slow", ""), Decider::kAnyone);
}

// Chains of one namespace at one hook, and an account of packets that died there.
class Suspects : public testing::Test {
 protected:
  Suspects() {
    booked_.account.at.netns = "1";
    booked_.account.direction = model::Direction::kReceive;
    point_.hook = hook_of({"ip_local_deliver+0x1"});
    point_.decider = Decider::kNftables;
  }

  model::FirewallChain& chain(std::string name, std::uint32_t drop_rules,
                              std::string family = "inet") {
    evidence_.firewall_chains.push_back({.netns = "1",
                                         .backend = "nftables",
                                         .family = std::move(family),
                                         .table = "shop",
                                         .name = std::move(name),
                                         .hook = "input",
                                         .policy = "accept",
                                         .drop_rules = drop_rules});
    return evidence_.firewall_chains.back();
  }

  [[nodiscard]] std::string names() const {
    std::string text;
    for (const auto& suspect : firewall_suspects(evidence_, booked_, point_)) {
      text += suspect.base->name + ":";
      for (const auto* dropper : suspect.droppers) text += dropper->name + ",";
      if (suspect.policy_drops()) text += "policy";
      text += " ";
    }
    return text;
  }

  model::Evidence evidence_;
  Booked booked_;
  FirewallPoint point_;
};

TEST_F(Suspects, AreChainsWithRulesThatDropOrThePolicyDrop) {
  chain("innocent", 0);
  chain("ruled", 2);
  chain("closed", 0).policy = "drop";
  EXPECT_EQ(names(), "ruled:ruled, closed:policy ");
}

TEST_F(Suspects, AreChainsThatLeadToAChainThatDropsByHoweverManyJumps) {
  chain("base", 0).leads_to = {"a", "b", "gone"};
  for (const auto& [name, to] : {std::pair("a", "b"), std::pair("b", "a")}) {
    auto& link = chain(name, 0);
    link.hook = link.policy = "";
    link.leads_to = {to, "end"};  // a loop, which the kernel would refuse, ends as well
  }
  auto& end = chain("end", 1);
  end.hook = end.policy = "";
  EXPECT_EQ(names(), "base:end, ");
}

TEST_F(Suspects, AJumpStaysInItsTable) {
  chain("base", 0).leads_to = {"end"};
  auto& end = chain("end", 1);
  end.hook = end.policy = "";
  end.table = "another";
  EXPECT_EQ(names(), "");
}

TEST_F(Suspects, AreOfTheHooksFamilyNamespaceAndBackend) {
  chain("of_ip", 1, "ip");
  chain("of_ip6", 1, "ip6");
  chain("of_bridge", 1, "bridge");
  chain("of_inet", 1);
  chain("at_output", 1).hook = "output";
  chain("elsewhere", 1).netns = "2";
  chain("of_iptables", 1, "ip").backend = "iptables";
  EXPECT_EQ(names(), "of_ip:of_ip, of_inet:of_inet, ");
  point_.decider = Decider::kNotNftables;
  EXPECT_EQ(names(), "of_iptables:of_iptables, ");
  point_.decider = Decider::kAnyone;
  EXPECT_EQ(names(), "of_ip:of_ip, of_inet:of_inet, of_iptables:of_iptables, ");
  point_.decider = Decider::kNftables;
  point_.hook = hook_of({"ip6_input+0x1"});
  EXPECT_EQ(names(), "of_ip6:of_ip6, of_inet:of_inet, ");
}

TEST_F(Suspects, AreInTheOrderOfTheHook) {
  chain("late", 1).priority = 10;
  chain("early", 1).priority = -150;
  EXPECT_EQ(names(), "early:early, late:late, ");
}

TEST_F(Suspects, AtADeviceSeeThatDeviceOnly) {
  point_.hook = hook_of({"__netif_receive_skb_core+0x1"});
  for (const auto* devices : {"eth7", "eth8,eth9"}) {
    auto& edge = chain(devices, 1, "netdev");
    edge.hook = "ingress";
    edge.device = devices;
  }
  booked_.account.at.dev = "eth9";
  EXPECT_EQ(names(), "eth8,eth9:eth8,eth9, ");
  booked_.account.at.dev = "eth";
  EXPECT_EQ(names(), "");
  booked_.account.at.dev = "";
  EXPECT_EQ(names(), "eth7:eth7, eth8,eth9:eth8,eth9, ");
}

TEST_F(Suspects, WithoutAHookTheWayThroughTheHostIsLeft) {
  point_.hook = {};
  chain("in", 1);
  chain("through", 1).hook = "forward";
  chain("last", 1).hook = "postrouting";
  chain("out", 1).hook = "output";
  auto& called = chain("called", 1);
  called.hook = "";
  EXPECT_EQ(names(), "in:in, through:through, last:last, ");
  booked_.account.direction = model::Direction::kSend;
  EXPECT_EQ(names(), "last:last, out:out, ");
}

}  // namespace
}  // namespace diagnose
