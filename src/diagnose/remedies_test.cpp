#include "diagnose/remedies.h"

#include <gtest/gtest.h>

namespace diagnose {
namespace {

model::Evidence host_with(model::Netns netns) {
  model::Evidence evidence;
  evidence.netns = {{.id = "1", .name = "init", .enter_path = "/proc/1/ns/net"}, std::move(netns)};
  return evidence;
}

TEST(CommandIn, TheInitialNamespaceNeedsNoWayIn) {
  const auto evidence = host_with({.id = "2"});
  EXPECT_EQ(command_in(evidence, "1", "ss -s"), "ss -s");
  EXPECT_EQ(command_entering(evidence, "1", "ss -s"), "ss -s");
  EXPECT_EQ(iproute_in(evidence, "1", "tc", "qdisc"), "tc qdisc");
}

TEST(CommandIn, ANameUnderRunNetnsIsOneOfIproutes) {
  const auto evidence = host_with({.id = "2", .name = "a b", .enter_path = "/run/netns/a b"});
  EXPECT_EQ(command_in(evidence, "2", "ss -s", 42), "ip netns exec 'a b' ss -s");
  EXPECT_EQ(iproute_in(evidence, "2", "tc", "qdisc"), "tc -n 'a b' qdisc");
  EXPECT_EQ(command_entering(evidence, "2", "ss -s", 42), "nsenter --net='/run/netns/a b' ss -s");
}

// `ip netns exec` looks for names in /run/netns alone.
TEST(CommandIn, ANameOfDockersIsEnteredByItsPath) {
  const auto evidence = host_with({.id = "2", .name = "x", .enter_path = "/run/docker/netns/x"});
  EXPECT_EQ(command_in(evidence, "2", "ss -s"), "nsenter --net=/run/docker/netns/x ss -s");
  EXPECT_EQ(iproute_in(evidence, "2", "ip", "addr"), "nsenter --net=/run/docker/netns/x ip addr");
}

// Without the right to look at a process its namespace is called after it.
TEST(CommandIn, ANamespaceThatIsCalledAfterAProcessIsEnteredByIt) {
  const auto evidence =
      host_with({.id = "2", .name = "pid:4711", .enter_path = "/proc/4711/ns/net"});
  EXPECT_EQ(command_in(evidence, "2", "ss -s"), "nsenter -t 4711 -n ss -s");
  EXPECT_EQ(command_entering(evidence, "2", "ss -s"), "nsenter -t 4711 -n ss -s");
  EXPECT_EQ(iproute_in(evidence, "2", "tc", "qdisc"), "nsenter -t 4711 -n tc qdisc");
  const auto setting = sysctl_remedy(evidence, "2", "net.core.somaxconn", "128", "256");
  EXPECT_EQ(setting.command, "nsenter -t 4711 -n sysctl -w net.core.somaxconn=256");
  EXPECT_EQ(setting.undo, "nsenter -t 4711 -n sysctl -w net.core.somaxconn=128");
  EXPECT_EQ(setting.verify, "nsenter -t 4711 -n sysctl net.core.somaxconn");
}

TEST(CommandIn, OfProcessesTheOneThatIsAskedForIsBest) {
  const auto evidence = host_with({.id = "2", .enter_path = "/proc/42/ns/net"});
  EXPECT_EQ(command_in(evidence, "2", "ss -s", 77), "nsenter -t 77 -n ss -s");
}

TEST(CommandIn, WhereNothingIsKnownAProcessIsToBeFilledIn) {
  const auto evidence = host_with({.id = "2"});
  EXPECT_EQ(command_in(evidence, "2", "ss -s"),
            "nsenter --net=/proc/PID/ns/net ss -s  # PID: any process in net:[2]");
  EXPECT_EQ(command_in(evidence, "3", "ss -s"),
            "nsenter --net=/proc/PID/ns/net ss -s  # PID: any process in net:[3]");
}

TEST(CommandIn, FilesOfOlderVersionsHaveNamesWithoutPaths) {
  const auto evidence = host_with({.id = "2", .name = "blue"});
  EXPECT_EQ(command_in(evidence, "2", "ss -s"), "ip netns exec blue ss -s");
  EXPECT_EQ(command_entering(evidence, "2", "ss -s"), "nsenter --net=/run/netns/blue ss -s");
}

}  // namespace
}  // namespace diagnose
