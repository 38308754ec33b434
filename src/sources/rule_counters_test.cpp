// What the rules of the namespaces that were captured counted (tests/kernels/firewall.sh).
#include <gmock/gmock.h>

#include <algorithm>

#include "sources/capture.h"
#include "sources/iptables.h"
#include "sources/nftables.h"

namespace sources {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing_support::as_bytes;
using testing_support::capture;
using testing_support::with_damage;

Look xtables() {
  Look look;
  tell_xtables_counters(XtFamily::kIpv4, as_bytes(capture("6.18", "ipt_info_filter.bin")),
                        as_bytes(capture("6.18", "ipt_entries_filter.bin")), "7", look);
  return look;
}

TEST(RuleCounters, OfIptablesByChainAndNumber) {
  const auto look = xtables();
  EXPECT_THAT(look.counters,
              Contains(Key("iptables.packets{chain=\"INPUT\",family=\"ip\",netns=\"7\",rule=\"1\","
                           "table=\"filter\"}")));
  EXPECT_THAT(look.counters,
              Contains(Key("iptables.bytes{chain=\"FORWARD\",family=\"ip\",netns=\"7\",rule="
                           "\"policy\",table=\"filter\"}")));
}

// Built as the kernel builds it: one rule with a counter, whose numbers are big-endian.
TEST(RuleCounters, OfNftables) {
  Look look;
  const auto rules = base::netlink_messages(as_bytes(capture("6.18", "nft_getrule.bin")));
  tell_nft_counters(rules, "7", look);
  for (const auto& [id, value] : look.counters) {
    EXPECT_THAT(id, AllOf(HasSubstr("handle="), HasSubstr("chain="), HasSubstr("table="))) << id;
    EXPECT_LT(value, 1U << 30) << id;
  }
  EXPECT_THAT(look.counters, testing::Not(IsEmpty()));
}

TEST(RuleCounters, DamagedAnswersDoNoHarm) {
  const auto info = capture("6.18", "ipt_info_filter.bin");
  with_damage(capture("6.18", "ipt_entries_filter.bin"), 300, [&](const std::string& damaged) {
    Look look;
    tell_xtables_counters(XtFamily::kIpv4, as_bytes(info), as_bytes(damaged), "7", look);
  });
  with_damage(capture("6.18", "nft_getrule.bin"), 300, [](const std::string& damaged) {
    Look look;
    tell_nft_counters(base::netlink_messages(as_bytes(damaged)), "7", look);
  });
}

}  // namespace
}  // namespace sources
