#include "sources/nftables.h"

#include <gmock/gmock.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "sources/capture.h"

namespace sources {

extern const Source nftables;

namespace {

using model::FirewallChain;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace testing_support;

constexpr std::uint16_t kGetChain = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
constexpr std::uint16_t kGetRule = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE;
constexpr std::uint16_t kGetElements = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM;

// The start of the request for one map's elements: family inet, then the table's name.
std::string request_for(const std::string& map) {
  using namespace std::string_literals;
  const std::string table = "\x09\x00\x01\x00shop\x00\x00\x00\x00"s;
  const auto length = static_cast<char>(4 + map.size() + 1);
  return "\x01\x00\x00\x00"s + table + length + "\x00\x02\x00"s + map + '\0';
}

base::MemoryNetlink captured_kernel() {
  base::MemoryNetlink netlink;
  const std::string chains = capture("6.18", "nft_getchain.bin");
  const std::string rules = capture("6.18", "nft_getrule.bin");
  netlink.put_capture(NETLINK_NETFILTER, kGetChain, as_bytes(chains));
  netlink.put_capture(NETLINK_NETFILTER, kGetRule, as_bytes(rules));
  for (const auto& [map, file] : {std::pair("ports", "nft_getsetelem_ports.bin"),
                                  std::pair("__map0", "nft_getsetelem_map0.bin")}) {
    const std::string stream = capture("6.18", file);
    netlink.put(NETLINK_NETFILTER, kGetElements, as_bytes(request_for(map)),
                base::netlink_messages(as_bytes(stream)));
  }
  return netlink;
}

Look look_at(const base::Netlink& netlink, const base::Files& files = base::MemoryFiles()) {
  Look look;
  nftables.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  return look;
}

FirewallChain named(const Look& look, std::string_view name) {
  for (const auto& chain : look.firewall_chains) {
    if (chain.name == name) return chain;
  }
  ADD_FAILURE() << "no chain " << name;
  return {};
}

TEST(Nftables, TellsEveryChainWithItsHook) {
  const auto look = look_at(captured_kernel());
  EXPECT_THAT(look.blind_spots, IsEmpty());
  EXPECT_THAT(look.firewall_chains, SizeIs(9));
  const auto incoming = named(look, "incoming");
  EXPECT_EQ(incoming.netns, "7");
  EXPECT_EQ(incoming.backend, "nftables");
  EXPECT_EQ(incoming.family, "inet");
  EXPECT_EQ(incoming.table, "shop");
  EXPECT_EQ(incoming.hook, "input");
  EXPECT_EQ(incoming.priority, -5);
  EXPECT_EQ(incoming.policy, "accept");
  const auto through = named(look, "through");
  EXPECT_EQ(through.hook, "forward");
  EXPECT_EQ(through.policy, "drop");
  EXPECT_EQ(through.drop_rules, 0U);
  EXPECT_EQ(named(look, "POSTROUTING").family, "ip");
  EXPECT_EQ(named(look, "POSTROUTING").hook, "postrouting");
  EXPECT_EQ(named(look, "f").family, "bridge");
  EXPECT_EQ(named(look, "f").hook, "forward");
}

TEST(Nftables, CountsRulesThatDropRejectOrLookUpAVerdictThatDrops) {
  const auto look = look_at(captured_kernel());
  // "udp dport 9 drop", "udp dport 10 reject", and the two maps, which hold a drop each.
  EXPECT_EQ(named(look, "incoming").drop_rules, 4U);
  EXPECT_EQ(named(look, "denied").drop_rules, 1U);
  EXPECT_EQ(named(look, "web").drop_rules, 0U);
  EXPECT_EQ(named(look, "guests").drop_rules, 0U);
}

TEST(Nftables, FollowsJumpsGotosAndMapsToOtherChains) {
  const auto look = look_at(captured_kernel());
  EXPECT_THAT(named(look, "incoming").leads_to, UnorderedElementsAre("guests", "web"));
  EXPECT_THAT(named(look, "web").leads_to, ElementsAre("denied"));
  EXPECT_EQ(named(look, "web").hook, "");
}

TEST(Nftables, NamesTheDevicesOfAChainOfFamilyNetdev) {
  const auto look = look_at(captured_kernel());
  EXPECT_EQ(named(look, "one").hook, "ingress");
  EXPECT_EQ(named(look, "one").device, "eth7");
  EXPECT_EQ(named(look, "one").drop_rules, 1U);
  // In the order of the kernel.
  EXPECT_EQ(named(look, "two").device, "eth8,eth7");
}

TEST(Nftables, AMapThatVanishedDropsNothing) {
  auto netlink = captured_kernel();
  netlink.put_failure(NETLINK_NETFILTER, kGetElements, {"no such set", "", ENOENT});
  const auto look = look_at(netlink);
  EXPECT_THAT(look.blind_spots, IsEmpty());
  EXPECT_EQ(named(look, "incoming").drop_rules, 2U);
}

TEST(Nftables, AKernelWithoutNftablesHasNoChainsAndHidesNothing) {
  for (const int number : {EPROTONOSUPPORT, EINVAL}) {
    base::MemoryNetlink netlink;
    netlink.put_failure(NETLINK_NETFILTER, kGetChain, {"not there", "", number});
    const auto look = look_at(netlink);
    EXPECT_THAT(look.firewall_chains, IsEmpty());
    EXPECT_THAT(look.blind_spots, IsEmpty()) << number;
  }
}

TEST(Nftables, WithoutTheRightItIsABlindSpot) {
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_NETFILTER, kGetChain, {"not permitted", "", EPERM});
  const auto look = look_at(netlink);
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_THAT(look.blind_spots[0].enable, testing::HasSubstr("CAP_NET_ADMIN"));
}

TEST(Nftables, AModuleThatIsNotLoadedIsNotLoadedByAsking) {
  base::MemoryFiles files;
  files.put("/proc/modules", "x_tables 61440 2 - Live 0x0\n");
  files.put("/proc/sys/kernel/osrelease", "6.1.0\n");
  files.put("/lib/modules/6.1.0/modules.builtin", "kernel/net/netfilter/nfnetlink.ko\n");
  // Any request would find the chains.
  EXPECT_THAT(look_at(captured_kernel(), files).firewall_chains, IsEmpty());
  files.put("/proc/modules", "x_tables 61440 2 - Live 0x0\nnf_tables 311296 5 - Live 0x0\n");
  EXPECT_THAT(look_at(captured_kernel(), files).firewall_chains, SizeIs(9));
  files.put("/proc/modules", "x_tables 61440 2 - Live 0x0\n");
  files.put("/lib/modules/6.1.0/modules.builtin", "kernel/net/netfilter/nf_tables.ko\n");
  EXPECT_THAT(look_at(captured_kernel(), files).firewall_chains, SizeIs(9));
}

TEST(Nftables, DamagedMessagesAreReadWithoutHarm) {
  const std::string sound = capture("6.18", "nft_getchain.bin");
  auto chains = parse_nft_chains(base::netlink_messages(as_bytes(sound)), "7");
  with_damage(capture("6.18", "nft_getrule.bin"), 5000, [&](const std::string& stream) {
    const auto rules = base::netlink_messages(as_bytes(stream));
    EXPECT_LE(parse_nft_maps(rules).size(), 64U);
    add_nft_rules(rules, {}, chains);
  });
  with_damage(sound, 2000, [&](const std::string& stream) {
    EXPECT_LE(parse_nft_chains(base::netlink_messages(as_bytes(stream)), "7").size(), 64U);
  });
}

}  // namespace
}  // namespace sources
