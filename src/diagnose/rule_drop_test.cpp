#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using model::Confidence;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Stack = std::vector<std::string>;

const Stack kInput = {"nft_do_chain+0x3e8",    "nft_do_chain_inet+0x66", "nf_hook_slow+0x43",
                      "ip_local_deliver+0xb1", "net_rx_action+0x1a",     "__x64_sys_sendto+0x20"};
const Stack kOutput = {"nft_do_chain+0x3e8", "nf_hook_slow+0x43", "__ip_local_out+0x11c",
                       "udp_sendmsg+0x9e6", "__x64_sys_sendto+0x20"};

// 200 packets of UDP, freed by `symbol`, and `samples` of them with that stack.
class Host : public EvidenceBuilder {
 public:
  Host(std::string symbol, const Stack& stack, int samples = 4) {
    tally(std::move(symbol), "NETFILTER_DROP", 200);
    counter("netstat.IpExt.InNoRoutes", 0);
    counter("snmp.Ip.OutNoRoutes", 0);
    counter("snmp.Udp.NoPorts", 0);
    evidence().host.kernel = "6.18.44";
    for (int at = 0; at < samples; ++at) sample(stack);
  }

  Host& sample(const Stack& stack, std::string destination = "10.0.0.2") {
    evidence().drops.samples.push_back(
        {.flow = {{"udp", "10.0.0.1", static_cast<std::uint16_t>(40000 + next_port_++),
                   std::move(destination), 5001}},
         .stack = stack,
         .comm = "biller"});
    return *this;
  }

  Host& made_here() {
    evidence().drops.tallies[0].made_here = true;
    return *this;
  }

  Host& chain(std::string hook, std::string name, std::string policy, std::uint32_t drops,
              std::string backend = "nftables") {
    evidence().firewall_chains.push_back({.netns = "1",
                                          .backend = backend,
                                          .family = backend == "nftables" ? "inet" : "ip",
                                          .table = "shop",
                                          .name = std::move(name),
                                          .hook = std::move(hook),
                                          .policy = std::move(policy),
                                          .drop_rules = drops});
    return *this;
  }

 private:
  int next_port_ = 0;
};

model::Finding only_finding(Host& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

auto rules_out(const std::string& cause) {
  return Contains(Field(&model::RuledOut::cause, cause));
}

std::vector<std::string> commands(const model::Finding& finding) {
  std::vector<std::string> texts;
  for (const auto& remedy : finding.remedies) texts.push_back(remedy.command);
  return texts;
}

TEST(RuleDrop, NamesTheOneChainThatCanDropAtTheHook) {
  Host host("nft_do_chain", kInput);
  host.chain("input", "incoming", "accept", 3)
      .chain("input", "counting", "accept", 0)
      .chain("forward", "through", "drop", 1);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "netfilter.rule-drop");
  EXPECT_EQ(finding.klass, model::Class::kPolicy);
  EXPECT_EQ(finding.confidence, Confidence::kHigh);
  EXPECT_EQ(finding.title,
            "200 packets to 10.0.0.2 port 5001 dropped by the firewall at the input hook of IPv4: "
            "chain incoming of table inet shop");
  EXPECT_THAT(finding.why, HasSubstr("3 rules that drop"));
  EXPECT_THAT(finding.why, Not(HasSubstr("conntrack")));
  EXPECT_THAT(commands(finding), ElementsAre("nft -a list chain inet shop incoming"));
  EXPECT_EQ(finding.remedies[0].kind, "print");
  EXPECT_THAT(finding.remedies[0].set, IsEmpty());
}

TEST(RuleDrop, TellsAPolicyFromARuleAndShowsTheChainsThatAreJumpedTo) {
  Host closed("nft_do_chain", kInput);
  closed.chain("input", "incoming", "drop", 0);
  EXPECT_THAT(only_finding(closed).why, HasSubstr("the policy drop for what no rule accepted"));

  Host jumping("nft_do_chain", kInput);
  jumping.chain("input", "incoming", "accept", 0).chain("", "denied here", "", 1);
  jumping.evidence().firewall_chains[0].leads_to = {"denied here"};
  const auto finding = only_finding(jumping);
  EXPECT_THAT(finding.why, HasSubstr("1 rule that drops in chain denied here"));
  EXPECT_THAT(commands(finding), ElementsAre("nft -a list chain inet shop incoming",
                                             "nft -a list chain inet shop 'denied here'"));
}

TEST(RuleDrop, OfSeveralChainsItSaysOneOfTheseAndIsLessSure) {
  Host host("nft_do_chain", kInput);
  host.chain("input", "incoming", "accept", 3).chain("input", "fence", "drop", 0);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.confidence, Confidence::kMedium);
  EXPECT_THAT(finding.title, HasSubstr("one of chain incoming of table inet shop, chain fence"));
  EXPECT_THAT(finding.remedies, SizeIs(2));
}

TEST(RuleDrop, InsideNftablesItIsNeitherConnectionTrackingNorNat) {
  Host host("nft_do_chain", kInput);
  host.chain("input", "incoming", "accept", 3);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.ruled_out, rules_out("netfilter.conntrack-full"));
  EXPECT_THAT(finding.ruled_out, rules_out("netfilter.nat-exhausted"));
  EXPECT_THAT(finding.ruled_out, rules_out("ip.no-route"));
  EXPECT_THAT(finding.ruled_out, rules_out("udp.no-listener"));
}

TEST(RuleDrop, CountersThatMovedOrWereNotReadRuleNothingOut) {
  Host host("nft_do_chain", kInput);
  host.chain("input", "incoming", "accept", 3);
  host.counter("netstat.IpExt.InNoRoutes", 7);
  host.evidence().timeline.counters.erase("snmp.Udp.NoPorts{netns=\"1\"}");
  // The counter that moved has a finding of its own.
  const auto findings = diagnose(host.evidence()).findings;
  const auto found = std::ranges::find(findings, "netfilter.rule-drop", &model::Finding::cause);
  ASSERT_NE(found, findings.end());
  const auto& finding = *found;
  EXPECT_THAT(finding.ruled_out, Not(rules_out("ip.no-route")));
  EXPECT_THAT(finding.ruled_out, Not(rules_out("udp.no-listener")));
}

Stack by_hook(const std::string& caller) {
  return {"nf_hook_slow+0x7d", caller + "+0x9c"};
}

// Each hook of connection tracking has a rival of its own; none has both.
TEST(RuleDrop, OfIptablesTheHookRulesOutWhatConnectionTrackingDoesElsewhere) {
  struct Expected {
    std::string caller;
    std::string hook;
    bool full_table;
    bool no_free_port;
    Confidence confidence;
  };
  for (const auto& expected :
       {Expected{"ip_rcv", "prerouting", false, true, Confidence::kMedium},
        Expected{"ip_local_deliver", "input", true, false, Confidence::kMedium},
        Expected{"ip_forward", "forward", true, true, Confidence::kHigh}}) {
    Host host("nf_hook_slow", by_hook(expected.caller));
    host.chain(expected.hook, "RULES", "accept", 1, "iptables")
        .chain(expected.hook, "of_nft", "drop", 1);
    const auto finding = only_finding(host);
    EXPECT_THAT(finding.title, HasSubstr(": chain RULES of table shop (iptables)"));
    const auto full = rules_out("netfilter.conntrack-full");
    const auto port = rules_out("netfilter.nat-exhausted");
    EXPECT_EQ(testing::Value(finding.ruled_out, full), expected.full_table) << expected.hook;
    EXPECT_EQ(testing::Value(finding.ruled_out, port), expected.no_free_port) << expected.hook;
    EXPECT_EQ(finding.confidence, expected.confidence) << expected.hook;
    EXPECT_EQ(finding.why.find("conntrack -S") == std::string::npos,
              expected.full_table && expected.no_free_port);
    EXPECT_THAT(commands(finding),
                ElementsAre("iptables-legacy -t shop -L RULES -nv --line-numbers"));
  }
}

TEST(RuleDrop, AFullConnectionTrackingTableInTheKernelsLogIsSaid) {
  Host host("nf_hook_slow", by_hook("ip_rcv"));
  host.chain("prerouting", "PREROUTING", "accept", 1, "iptables");
  EXPECT_THAT(only_finding(host).why, Not(HasSubstr("the kernel's log says")));
  host.evidence().kernel_messages.push_back(
      {0.5, "table-full", "nf_conntrack: nf_conntrack: table full, dropping packet"});
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.why, HasSubstr("the kernel's log says"));
  EXPECT_EQ(finding.confidence, Confidence::kMedium);
  EXPECT_THAT(finding.ruled_out, Not(rules_out("netfilter.conntrack-full")));
}

TEST(RuleDrop, BeforeLinux67NftablesAndIptablesLookAlike) {
  Host host("nf_hook_slow", by_hook("ip_forward"));
  host.evidence().host.kernel = "5.10.0-46-amd64";
  host.chain("forward", "FORWARD", "drop", 0, "iptables").chain("forward", "of_nft", "drop", 1);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title,
              HasSubstr("one of chain FORWARD of table shop (iptables), chain of_nft"));
  EXPECT_EQ(finding.confidence, Confidence::kMedium);
}

TEST(RuleDrop, WithoutChainsItSaysSoAndHowToLook) {
  Host nft("nft_do_chain", kInput);
  auto finding = only_finding(nft);
  EXPECT_EQ(finding.confidence, Confidence::kLow);
  EXPECT_THAT(finding.title, HasSubstr("a chain of nftables that could not be named"));
  EXPECT_THAT(finding.why, HasSubstr("none was seen in this namespace"));
  EXPECT_THAT(commands(finding), ElementsAre("nft -a list ruleset"));

  Host other("nf_hook_slow", by_hook("ip_rcv"));
  finding = only_finding(other);
  EXPECT_THAT(finding.title, HasSubstr("iptables or connection tracking"));
  EXPECT_THAT(commands(finding), ElementsAre("iptables-legacy-save -c", "conntrack -S"));

  // Chains that are all innocent.
  other.chain("prerouting", "PREROUTING", "accept", 0, "iptables");
  finding = only_finding(other);
  EXPECT_THAT(finding.why, HasSubstr("where no chain that was seen can drop"));
  EXPECT_EQ(finding.confidence, Confidence::kLow);
}

TEST(RuleDrop, WithoutSamplesTheHookIsNotKnown) {
  Host host("nft_do_chain", {}, 0);
  host.chain("input", "incoming", "accept", 3);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.confidence, Confidence::kLow);
  EXPECT_THAT(finding.title, HasSubstr("at a hook that no sample shows: chain incoming"));
  EXPECT_EQ(finding.title.find(" to "), std::string::npos);
}

TEST(RuleDrop, SamplesOfOtherHooksAreSaid) {
  Host host("nft_do_chain", kInput, 3);
  host.sample({"nft_do_chain+0x1", "nf_hook_slow+0x43", "ip_forward+0x9"});
  host.chain("input", "incoming", "accept", 3).chain("forward", "through", "drop", 0);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title, HasSubstr("at the input hook of IPv4: chain incoming"));
  EXPECT_THAT(finding.why, HasSubstr("1 of 4 sampled packets died at other hooks"));
  EXPECT_EQ(finding.confidence, Confidence::kMedium);
}

TEST(RuleDrop, ManyDestinationsAreNotSummedUpInOne) {
  Host host("nft_do_chain", kInput, 1);
  host.sample(kInput, "10.0.0.3").sample(kInput, "10.0.0.4");
  host.chain("input", "incoming", "accept", 3);
  EXPECT_THAT(only_finding(host).title, HasSubstr("200 packets dropped"));
}

TEST(RuleDrop, WhatAProgramBehindAQueueRefusedIsNotAChainsDoing) {
  Host host("nfqnl_reinject", {}, 0);
  host.chain("input", "incoming", "accept", 3);
  EXPECT_THAT(only_finding(host).title, Not(HasSubstr("incoming")));
}

TEST(RuleDrop, OnTheWayOutTheProcessThatSentIsNamed) {
  Host host("nft_do_chain", kOutput);
  host.made_here().chain("output", "leaving", "accept", 1).chain("input", "incoming", "drop", 0);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "netfilter-out.rule-drop");
  EXPECT_EQ(finding.stage, model::Stage::kNetfilterOut);
  EXPECT_EQ(finding.title,
            "200 packets of biller to 10.0.0.2 port 5001 dropped by the firewall at the output "
            "hook of IPv4: chain leaving of table inet shop");
  EXPECT_THAT(finding.why, HasSubstr("biller was told: send() of a datagram socket fails with"));
  EXPECT_THAT(finding.ruled_out, rules_out("route.no-route"));
  EXPECT_THAT(finding.ruled_out, Not(rules_out("udp.no-listener")));
}

TEST(RuleDrop, BehindTheHooksOfIpTheSenderIsNotTold) {
  Host host("nft_do_chain", {"nft_do_chain+0x1", "nf_hook_slow+0x43", "__dev_queue_xmit+0x3a2",
                             "ip_output+0x63", "udp_sendmsg+0x9e6", "__x64_sys_sendto+0x20"});
  host.made_here().chain("egress", "leaving", "accept", 1);
  auto& chain = host.evidence().firewall_chains[0];
  chain.family = "netdev";
  chain.device = "eth7";
  host.evidence().devices.push_back({.netns = "1", .ifindex = 7, .name = "eth7"});
  host.evidence().drops.tallies[0].ifindex = 7;
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title, HasSubstr("at the egress hook of device eth7: chain leaving"));
  EXPECT_THAT(finding.why, HasSubstr("biller was not told"));
  EXPECT_THAT(finding.why, Not(HasSubstr("EPERM")));
}

TEST(RuleDrop, ChainsOfAnotherNamespaceSayNothing) {
  Host host("nft_do_chain", kInput);
  host.chain("input", "incoming", "drop", 3);
  host.evidence().firewall_chains[0].netns = "2";
  EXPECT_THAT(only_finding(host).why, HasSubstr("none was seen in this namespace"));
}

// A softirq works on packets of anybody in whichever process it interrupts.
TEST(RuleDrop, AProcessThatWasOnlyInterruptedIsNotNamed) {
  Host host("nft_do_chain",
            {"nft_do_chain+0x1", "nf_hook_slow+0x43", "__ip_local_out+0x11c",
             "tcp_retransmit_timer+0x1", "handle_softirqs+0x1", "__x64_sys_read+0x20"});
  host.made_here().chain("output", "leaving", "accept", 1);
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.title, Not(HasSubstr("biller")));
  EXPECT_THAT(finding.why, HasSubstr("The sender was told"));
}

TEST(RuleDrop, TheSendersDiscardsAreTheSamePackets) {
  Host host("nft_do_chain", kOutput);
  host.made_here().counter("snmp.Ip.OutDiscards", 200);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  ASSERT_THAT(diagnosis.accounts[0].echoes, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].echoes[0].packets, 200U);
}

TEST(RuleDrop, FewPacketsAreANotice) {
  Host host("nft_do_chain", kInput);
  host.evidence().drops.tallies[0].packets = 3;
  EXPECT_EQ(only_finding(host).severity, model::Severity::kNotice);
}

TEST(RuleDrop, TheFirewallIsAskedForInTheNamespaceOfTheDrops) {
  Host host("nft_do_chain", kInput);
  EXPECT_THAT(questions(host.evidence()),
              Contains(model::Question{.kind = model::Question::Kind::kFirewall, .netns = "1"}));
}

}  // namespace
}  // namespace diagnose
