#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

model::CounterId of_cpu(const std::string& name, const std::string& cpu) {
  return model::counter_id(name, {{"cpu", cpu}, {"shared", "host"}});
}

// CPU 1 dropped 5,000 packets of a device.
EvidenceBuilder overflow(std::uint64_t idle_ticks_of_cpu_1, std::uint16_t flows) {
  EvidenceBuilder host;
  host.evidence().host.cpus = 2;
  host.device("veth0", 2)
      .tally("enqueue_to_backlog", "CPU_BACKLOG", 5000)
      .bursts(1, 10)
      .setting("net.core.netdev_max_backlog", "1000")
      .counter_id(of_cpu("softnet.dropped", "0"), 0)
      .counter_id(of_cpu("softnet.dropped", "1"), 5000)
      .counter_id(of_cpu("softnet.processed", "1"), 9000)
      .counter_id(of_cpu("cpu.softirq", "0"), 10)
      .counter_id(of_cpu("cpu.idle", "0"), 90)
      .counter_id(of_cpu("cpu.softirq", "1"), 100 - idle_ticks_of_cpu_1)
      .counter_id(of_cpu("cpu.idle", "1"), idle_ticks_of_cpu_1);
  host.evidence().drops.tallies[0].ifindex = 2;
  for (std::uint16_t at = 0; at < 10; ++at) {
    host.sample("10.0.0.1", "10.0.0.2", static_cast<std::uint16_t>(4000 + at % flows));
  }
  return host;
}

void steer(EvidenceBuilder& host, std::string mask) {
  host.evidence().settings["rps.cpus{dev=\"veth0\",netns=\"1\",queue=\"rx-0\"}"] = std::move(mask);
}

model::Finding only_finding(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

std::string root(const model::Finding& finding) {
  return finding.because.empty() ? "" : finding.because[0].cause;
}

TEST(BacklogQueueFull, OneBusyCpuBesideAnIdleOneIsToBeSpread) {
  auto host = overflow(0, 8);
  steer(host, "2");
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "backlog.queue-full");
  EXPECT_EQ(root(finding), "irq.one-cpu");
  EXPECT_THAT(finding.title, HasSubstr("CPU 1"));
  ASSERT_FALSE(finding.remedies.empty());
  ASSERT_THAT(finding.remedies[0].set, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].set[0].from, "2");
  EXPECT_EQ(finding.remedies[0].set[0].to, "3");
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "load.one-flow")));
  for (const auto& remedy : finding.remedies) {
    EXPECT_NE(remedy.id, "sysctl.netdev-max-backlog") << "a longer queue would fill up too";
  }
}

TEST(BacklogQueueFull, WithoutFlowsNothingIsSaidOfThem) {
  auto host = overflow(70, 8);
  steer(host, "2");
  host.evidence().drops.samples.clear();
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "irq.one-cpu");
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
  EXPECT_THAT(finding.why, Not(HasSubstr("flows are many")));
  EXPECT_THAT(finding.ruled_out, Not(Contains(Field(&model::RuledOut::cause, "load.one-flow"))));
}

// Where the trace tells no device, it is the one that the queue's packets are found to come by.
TEST(BacklogQueueFull, TheDeviceOfTheAccountIsAskedHowItIsSteered) {
  auto host = overflow(70, 8);
  steer(host, "2");
  auto& drops = host.evidence().drops;
  drops.rung = "tracepoint";
  drops.tallies[0].netns = "";
  drops.tallies[0].ifindex = 0;
  host.counter_id(R"(link.rx_dropped{dev="veth0",netns="1"})", 5000);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.at.dev, "veth0");
  EXPECT_EQ(finding.remedies[0].id, "rps.spread");
}

TEST(BacklogQueueFull, OneFlowCannotBeSpread) {
  auto host = overflow(0, 1);
  steer(host, "2");
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "load.one-flow");
  for (const auto& remedy : finding.remedies) EXPECT_NE(remedy.id, "rps.spread");
}

TEST(BacklogQueueFull, ABurstThatACpuWithTimeCouldHaveTakenWantsALongerQueue) {
  auto host = overflow(70, 8);
  host.evidence().drops.tallies[0].bursts.clear();
  host.bursts(5, 40);
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "load.burst");
  ASSERT_FALSE(finding.remedies.empty());
  EXPECT_EQ(finding.remedies[0].set[0].target, "net.core.netdev_max_backlog");
  // (1,000 + 1,000) x 1.25 = 2,500, rounded up to thousands.
  EXPECT_EQ(finding.remedies[0].set[0].to, "3000");
}

TEST(BacklogQueueFull, AllCpusShortOfTimeAreSaturated) {
  auto host = overflow(0, 8);
  host.counter_id(of_cpu("softnet.dropped", "0"), 4000)
      .counter_id(of_cpu("cpu.idle", "0"), 0)
      .tally("enqueue_to_backlog", "CPU_BACKLOG", 4000);
  host.evidence().drops.tallies[1].ifindex = 2;
  EXPECT_EQ(root(only_finding(host)), "cpu.softirq-saturated");
}

TEST(BacklogQueueFull, AnAccountOfSeveralNamespacesHasItsEchoesInAllOfThem) {
  auto host = overflow(0, 8);
  host.evidence().netns.push_back({.id = "2"});
  host.device("veth9", 9, "2")
      .tally("enqueue_to_backlog", "CPU_BACKLOG", 300, 0, "2")
      .counter_id(of_cpu("softnet.dropped", "1"), 5300)
      .counter_id(model::counter_id("link.rx_dropped", {{"dev", "veth0"}, {"netns", "1"}}), 5000)
      .counter_id(model::counter_id("link.rx_dropped", {{"dev", "veth9"}, {"netns", "2"}}), 300);
  host.evidence().drops.tallies[1].ifindex = 9;
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].packets, 5300U);
  EXPECT_EQ(diagnosis.accounts[0].at.netns, "");
  EXPECT_THAT(diagnosis.accounts[0].echoes, SizeIs(2));
  EXPECT_THAT(diagnosis.accounts[0].hits, SizeIs(2));
}

}  // namespace
}  // namespace diagnose
