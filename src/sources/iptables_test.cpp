#include "sources/iptables.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {

extern const Source iptables;

namespace {

using model::FirewallChain;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;

std::vector<FirewallChain> captured(XtFamily family, const std::string& table) {
  const std::string prefix = family == XtFamily::kIpv4 ? "ipt" : "ip6t";
  const std::string info = capture("6.18", prefix + "_info_" + table + ".bin");
  const std::string entries = capture("6.18", prefix + "_entries_" + table + ".bin");
  return parse_xtables(family, as_bytes(info), as_bytes(entries), "7");
}

FirewallChain named(const std::vector<FirewallChain>& chains, std::string_view name) {
  for (const auto& chain : chains) {
    if (chain.name == name) return chain;
  }
  ADD_FAILURE() << "no chain " << name;
  return {};
}

TEST(Iptables, TellsTheChainsOfATableAndWhatInThemDrops) {
  const auto chains = captured(XtFamily::kIpv4, "filter");
  ASSERT_THAT(chains, SizeIs(5));
  const auto input = named(chains, "INPUT");
  EXPECT_EQ(input.netns, "7");
  EXPECT_EQ(input.backend, "iptables");
  EXPECT_EQ(input.family, "ip");
  EXPECT_EQ(input.table, "filter");
  EXPECT_EQ(input.hook, "input");
  EXPECT_EQ(input.policy, "accept");
  // One rule drops and one rejects; one accepts, and one has no target.
  EXPECT_EQ(input.drop_rules, 2U);
  // By -j and by -g.
  EXPECT_THAT(input.leads_to, ElementsAre("BAD", "GONE"));
}

TEST(Iptables, APolicyIsNoRule) {
  const auto forward = named(captured(XtFamily::kIpv4, "filter"), "FORWARD");
  EXPECT_EQ(forward.policy, "drop");
  EXPECT_EQ(forward.drop_rules, 0U);
}

TEST(Iptables, AChainOfTheUsersHasNoHookAndNoPolicy) {
  const auto chains = captured(XtFamily::kIpv4, "filter");
  const auto bad = named(chains, "BAD");
  EXPECT_EQ(bad.hook, "");
  EXPECT_EQ(bad.policy, "");
  EXPECT_EQ(bad.drop_rules, 1U);
  EXPECT_THAT(bad.leads_to, IsEmpty());
  EXPECT_EQ(named(chains, "GONE").drop_rules, 0U);
}

TEST(Iptables, ATableHasTheHooksThatItIsFor) {
  const auto chains = captured(XtFamily::kIpv4, "raw");
  ASSERT_THAT(chains, SizeIs(2));
  EXPECT_EQ(named(chains, "PREROUTING").hook, "prerouting");
  EXPECT_EQ(named(chains, "PREROUTING").drop_rules, 1U);
  EXPECT_EQ(named(chains, "OUTPUT").hook, "output");
  EXPECT_EQ(named(chains, "OUTPUT").drop_rules, 0U);
}

TEST(Iptables, RulesOfIpv6AreReadInTheirOwnLayout) {
  const auto chains = captured(XtFamily::kIpv6, "filter");
  const auto output = named(chains, "OUTPUT");
  EXPECT_EQ(output.family, "ip6");
  EXPECT_EQ(output.drop_rules, 1U);
  EXPECT_THAT(output.leads_to, ElementsAre("BAD6"));
  EXPECT_EQ(named(chains, "BAD6").drop_rules, 1U);
  EXPECT_EQ(named(chains, "INPUT").drop_rules, 0U);
}

TEST(Iptables, WithoutTheModuleThereAreNoChainsAndNothingIsHidden) {
  const base::MemoryFiles files;  // no /proc/net/ip_tables_names
  const base::MemoryNetlink netlink;
  Look look;
  iptables.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.firewall_chains, IsEmpty());
  EXPECT_THAT(look.blind_spots, IsEmpty());
}

TEST(Iptables, ANamespaceWithoutTablesIsNotAskedForAny) {
  base::MemoryFiles files;
  files.put("/proc/1/net/ip_tables_names", "");
  files.put("/proc/1/net/ip6_tables_names", "");
  const base::MemoryNetlink netlink;
  Look look;
  iptables.read({.files = files,
                 .netlink = netlink,
                 .netns = "7",
                 .proc_net = "/proc/1/net",
                 .can_use_netlink = false},
                look);
  EXPECT_THAT(look.blind_spots, IsEmpty());
}

TEST(Iptables, TablesThatMayNotBeReadAreABlindSpot) {
  base::MemoryFiles files;
  files.put("/proc/1/net/ip_tables_names", capture("6.18", "ip_tables_names"));
  const base::MemoryNetlink netlink;
  Look look;
  iptables.read({.files = files,
                 .netlink = netlink,
                 .netns = "7",
                 .proc_net = "/proc/1/net",
                 .can_use_netlink = false},
                look);
  EXPECT_THAT(look.firewall_chains, IsEmpty());
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].enable, "CAP_SYS_ADMIN");
}

TEST(Iptables, DamagedTablesAreReadWithoutHarm) {
  const std::string info = capture("6.18", "ipt_info_filter.bin");
  with_damage(capture("6.18", "ipt_entries_filter.bin"), 5000, [&](const std::string& entries) {
    EXPECT_LE(parse_xtables(XtFamily::kIpv4, as_bytes(info), as_bytes(entries), "7").size(), 64U);
  });
  const std::string sound = capture("6.18", "ip6t_entries_filter.bin");
  with_damage(capture("6.18", "ip6t_info_filter.bin"), 5000, [&](const std::string& damaged) {
    EXPECT_LE(parse_xtables(XtFamily::kIpv6, as_bytes(damaged), as_bytes(sound), "7").size(), 64U);
  });
}

}  // namespace
}  // namespace sources
