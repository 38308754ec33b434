#include "offline/report.h"

#include <gmock/gmock.h>

#include "offline/host_facts.h"
#include "offline/places.h"

namespace offline {
namespace {

using testing::HasSubstr;

const std::string kSos = std::string(WHYDROP_CAPTURES) + "/sosreport/4.0.tar.xz";

bool is_blind(const model::Evidence& evidence, std::string_view what) {
  return std::ranges::any_of(evidence.blind_spots, [&](const model::BlindSpot& spot) {
    return spot.what.find(what) != std::string::npos;
  });
}

// A report of one namespace, and of another one called blue of which there is only what nstat said.
Contents made(std::uint64_t lost, std::int64_t taken_s, const std::string& uptime = "1000.00 9.9") {
  Contents contents;
  const auto put = [&](const std::string& path, const std::string& text) {
    contents.put(path, text, taken_s);
  };
  put("whydrop-collect.txt", "format=1\ntime=" + std::to_string(taken_s) + "\n");
  put("netns", "net:[4026531840]\n");
  put("proc/uptime", uptime);
  put("proc/net/snmp", "Udp: InDatagrams RcvbufErrors\nUdp: 5000 " + std::to_string(lost) + "\n");
  put("proc/net/netstat", "IpExt: InNoECTPkts\nIpExt: 90000\n");
  put("proc/net/softnet_stat", "1 0 0 0 0 0 0 0 0 0\n2 3 0 0 0 0 0 0 0 0\n");
  put("proc/net/dev", "Inter-|\n face |\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  put("commands/sysctl_-a", "net.core.rmem_max = 212992\nnet.core.somaxconn = 4096\n");
  put("commands/ip_-d_address", "2: eth0: <UP> mtu 1500 qdisc fq state UP qlen 1000\n");
  put("namespaces/blue/netns", "net:[4026532222]\n");
  put("namespaces/blue/commands/nstat_-az", "UdpRcvbufErrors 3 0.0\n");
  return contents;
}

TEST(Report, ATotalSinceBootIsAWindowFromNothing) {
  const auto evidence = evidence_of(made(7, 5000)).value();
  EXPECT_EQ(evidence.window.kind, "since_boot");
  EXPECT_EQ(evidence.window.origin, "file");
  EXPECT_EQ(evidence.window.duration_ns, 1'000'000'000'000);
  EXPECT_EQ(evidence.window.start_wall_ns, 4'000'000'000'000);
  EXPECT_EQ(evidence.timeline.at_ns.size(), 2U);
  EXPECT_EQ(evidence.timeline.rise("snmp.Udp.RcvbufErrors{netns=\"4026531840\"}"), 7U);
  EXPECT_EQ(evidence.timeline.rise("snmp.Udp.RcvbufErrors{netns=\"4026532222\"}"), 3U);
  EXPECT_EQ(evidence.timeline.rise("softnet.dropped{cpu=\"1\",shared=\"host\"}"), 3U);
  EXPECT_EQ(evidence.host.cpus, 2);
  ASSERT_EQ(evidence.netns.size(), 2U);
  EXPECT_EQ(evidence.netns[1].name, "blue");
  EXPECT_EQ(evidence.settings.at("sysctl.net.core.rmem_max{shared=\"host\"}"), "212992");
  EXPECT_EQ(evidence.settings.at("sysctl.net.core.somaxconn{netns=\"4026531840\"}"), "4096");
}

TEST(Report, WhatItLacksIsABlindSpot) {
  const auto evidence = evidence_of(made(7, 5000)).value();
  EXPECT_TRUE(is_blind(evidence, "place and reason of each drop"));
  EXPECT_TRUE(is_blind(evidence, "when packets were lost"));
  EXPECT_TRUE(is_blind(evidence, "queueing disciplines"));
  EXPECT_TRUE(is_blind(evidence, "ethtool -S"));
  EXPECT_TRUE(is_blind(evidence, "what network devices count of network namespace blue"));
  EXPECT_TRUE(is_blind(evidence, "kernel's messages"));
  EXPECT_FALSE(is_blind(evidence, "how many packets were lost a second"));
  EXPECT_TRUE(is_blind(evidence_of(made(7, 5000, "")).value(), "how many packets were lost a"));
}

TEST(Report, WhatIsNoneIsSaid) {
  EXPECT_THAT(evidence_of({}).error().what, HasSubstr("no report"));
  Contents other;
  other.put("etc/os-release", "x", 0);
  EXPECT_THAT(evidence_of(other).error().what, HasSubstr("no report"));
  EXPECT_THAT(read_report("/nonexistent").error().what, HasSubstr("/nonexistent"));
}

TEST(Report, BetweenTwoOfOneBootIsAWindow) {
  const auto first = evidence_of(made(7, 5000)).value();
  const auto second = evidence_of(made(107, 5060, "1060.00 9.9")).value();
  ASSERT_TRUE(are_of_one_boot(first, second));
  EXPECT_FALSE(are_of_one_boot(second, first));
  EXPECT_FALSE(are_of_one_boot(first, evidence_of(made(1, 9000, "100.00 9.9")).value()));
  const auto window = between(first, second);
  EXPECT_EQ(window.window.kind, "increment");
  EXPECT_EQ(window.window.duration_ns, 60'000'000'000);
  EXPECT_EQ(window.window.start_wall_ns, 5'000'000'000'000);
  EXPECT_EQ(window.timeline.rise("snmp.Udp.RcvbufErrors{netns=\"4026531840\"}"), 100U);
  EXPECT_FALSE(is_blind(window, "when packets were lost"));
}

TEST(Report, IsToldFromEvidence) {
  EXPECT_TRUE(is_report(kSos));
  EXPECT_TRUE(is_report("/proc"));
  EXPECT_FALSE(is_report("/nonexistent"));
  EXPECT_FALSE(is_report("/dev/null"));
}

// Debian 12's sos 4.0 in a namespace in which 494 of 500 datagrams found a full buffer.
TEST(Report, OfSos) {
  const auto evidence = read_report(kSos).value();
  EXPECT_EQ(evidence.window.origin, "sosreport");
  EXPECT_EQ(evidence.host.kernel, "6.18.44");
  EXPECT_EQ(evidence.host.arch, "x86_64");
  ASSERT_EQ(evidence.netns.size(), 1U);
  const auto& id = evidence.netns[0].id;
  EXPECT_EQ(evidence.timeline.rise(model::counter_id("snmp.Udp.RcvbufErrors", {{"netns", id}})),
            494U);
  EXPECT_NE(evidence.timeline.counter(
                model::counter_id("link.rx_missed_errors", {{"dev", "lo"}, {"netns", id}})),
            nullptr);
  ASSERT_EQ(evidence.sockets.size(), 1U);
  EXPECT_EQ(evidence.sockets[0].drops, 494U);
  ASSERT_TRUE(evidence.sockets[0].owner);
  EXPECT_EQ(evidence.sockets[0].owner->comm, "python3");
  EXPECT_GT(evidence.window.duration_ns, 0);
  EXPECT_GT(evidence.window.start_wall_ns, 0);
}

TEST(HostFacts, SecondsOfUptime) {
  EXPECT_EQ(seconds_of_uptime(" 19:31:02 up 8 min,  0 user,  load average: 5.42, 3.25"), 480U);
  EXPECT_EQ(seconds_of_uptime(" 10:00:00 up 12 days,  3:04,  1 user,  load average: 0"), 1047840U);
  EXPECT_EQ(seconds_of_uptime(" 10:00:00 up  5:10,  2 users"), 18600U);
  EXPECT_EQ(seconds_of_uptime(" 10:00:00 up 1 day, 5 min,  2 users"), 86700U);
  EXPECT_EQ(seconds_of_uptime("up"), 0U);
}

TEST(Places, NamesOfFiles) {
  EXPECT_EQ(as_file_name("ethtool -S eth0.7"), "ethtool_-S_eth0.7");
  EXPECT_EQ(as_file_name("ls -lt /sys/kernel"), "ls_-lt_.sys.kernel");
}

}  // namespace
}  // namespace offline
