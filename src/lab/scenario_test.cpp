#include "lab/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/lab.h"

namespace lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kWhole = R"(# title: Is it found?
# expect.cause: udp.receive-buffer-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: sent - received ± 2 %
# expect.object: comm=reader port=5001 netns=server
# expect.also: udp.checksum = late.sent - late.received; tcp.no-listener = 20
# expect.hit: client
# expect.echo: link.tx_dropped client; snmp.Ip.OutDiscards client
# select: client server
# expect.not: load.burst
# expect.not: udp.no-listener config.buffer-limit
# expect.not-remedy: application SO_RCVBUF; sysctl rmem
# expect.says: would be full again
# expect.after-cure: 0
# cure: app.read-faster
# needs: nft tc
# touches: namespaces
#
# An essay follows: not a key.
setup() { :; }
)";

TEST(Scenario, TakesEveryKey) {
  const auto parsed = parse_scenario("socket-rx/udp.x.sh", kWhole);
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(parsed->name, "udp.x");
  EXPECT_EQ(parsed->title, "Is it found?");
  EXPECT_EQ(parsed->cure, "app.read-faster");
  EXPECT_THAT(parsed->needs, ElementsAre("nft", "tc"));
  const auto& expect = parsed->expect;
  EXPECT_EQ(expect.cause, "udp.receive-buffer-full");
  EXPECT_EQ(expect.because, "app.slow-reader");
  EXPECT_EQ(expect.packets, "sent - received");
  EXPECT_EQ(expect.tolerance_percent, 2);
  EXPECT_EQ(expect.object, (ExpectedObject{"reader", "5001", "server"}));
  EXPECT_THAT(expect.not_accused,
              ElementsAre("load.burst", "udp.no-listener", "config.buffer-limit"));
  EXPECT_THAT(expect.not_offered, ElementsAre(ForbiddenRemedy{"application", "SO_RCVBUF"},
                                              ForbiddenRemedy{"sysctl", "rmem"}));
  EXPECT_THAT(expect.says, ElementsAre("would be full again"));
  EXPECT_THAT(expect.beside,
              ElementsAre(ExpectedBeside{"udp.checksum", "late.sent - late.received"},
                          ExpectedBeside{"tcp.no-listener", "20"}));
  EXPECT_EQ(expect.hit, "client");
  EXPECT_THAT(expect.echoes, ElementsAre(ExpectedEcho{"link.tx_dropped", "client"},
                                         ExpectedEcho{"snmp.Ip.OutDiscards", "client"}));
  EXPECT_THAT(parsed->select, ElementsAre("client", "server"));
  EXPECT_EQ(expect.after_cure, "0");
}

TEST(Scenario, RefusesADeclarationThatSaysNothing) {
  const auto wrong = [](const std::string& text) {
    const auto parsed = parse_scenario("x/y.sh", text);
    return parsed ? std::string("taken") : parsed.error().what;
  };
  const std::string good = "# title: Is it?\n# expect.verdict: loss\n# touches: namespaces\n";
  EXPECT_EQ(wrong(good), "taken");
  EXPECT_THAT(wrong("# title: It is.\n# expect.verdict: loss\n# touches: namespaces\n"),
              HasSubstr("not a question"));
  EXPECT_THAT(wrong("# title: Is it?\n# touches: namespaces\n"), HasSubstr("expect.verdict"));
  EXPECT_THAT(wrong("# title: Is it?\n# expect.verdict: loss\n"), HasSubstr("touches"));
  EXPECT_THAT(wrong("# expect.casue: x\n" + good), HasSubstr("no key 'expect.casue'"));
  EXPECT_THAT(wrong("# expect.packets: sent ± 2\n" + good), HasSubstr("cannot understand"));
  EXPECT_THAT(wrong("# expect.object: pid=1\n" + good), HasSubstr("cannot understand"));
}

TEST(Scenario, IsNamedAfterItsPath) {
  EXPECT_EQ(name_of_path("healthy/ping.sh"), "healthy.ping");
  EXPECT_EQ(name_of_path("socket-rx/udp.receive-buffer-full.sh"), "udp.receive-buffer-full");
}

TEST(Scenario, EveryScriptOfTheBinaryIsDeclared) {
  const auto all = all_scenarios();
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_THAT(*all, Not(IsEmpty()));
  for (const auto& scenario : *all) {
    EXPECT_THAT(scenario.script, HasSubstr("setup()")) << scenario.name;
    EXPECT_THAT(scenario.script, HasSubstr("traffic()")) << scenario.name;
    const bool can_cure = scenario.script.find("\ncure()") != std::string::npos;
    EXPECT_EQ(!scenario.cure.empty(), can_cure) << scenario.name;
  }
}

TEST(Scenario, EveryHealthyOneHasATwinWithLosses) {
  const auto all = all_scenarios();
  ASSERT_TRUE(all);
  for (const auto& scenario : *all) {
    if (!scenario.name.starts_with("healthy.") || scenario.name.ends_with("+twin")) continue;
    const auto twin = std::ranges::find(*all, scenario.name + "+twin", &Scenario::name);
    ASSERT_NE(twin, all->end()) << scenario.name;
    EXPECT_EQ(twin->expect.cause, "udp.receive-buffer-full");
    EXPECT_EQ(scenario.expect.cause, "");
  }
}

}  // namespace
}  // namespace lab
