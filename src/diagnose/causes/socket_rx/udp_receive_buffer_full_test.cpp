#include <gmock/gmock.h>

#include "diagnose/diagnose.h"
#include "diagnose/evidence_builder.h"

namespace diagnose {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// 10 bursts, one every 100 ms, each losing 40 packets = 51,200 bytes of buffer; the buffer is 8
// KiB.
EvidenceBuilder bursty() {
  EvidenceBuilder host;
  host.tally("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", 400, 5001)
      .bursts(10, 10)
      .counter("snmp.Udp.RcvbufErrors", 400)
      .counter("snmp.Udp.InDatagrams", 600)
      .counter("snmp.Udp.MemErrors", 0)
      .udp_socket(5001, 400, 8192)
      .queue({0, 8000, 0, 8000, 0, 8000, 0})
      .setting("net.core.rmem_max", "212992")
      .setting("net.core.rmem_default", "212992");
  return host;
}

model::Finding only_finding(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

std::string root(const model::Finding& finding) {
  return finding.because.empty() ? "" : finding.because[0].cause;
}

TEST(UdpReceiveBufferFull, ABurstLargerThanASmallBufferIsTheBuffersFault) {
  auto host = bursty();
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "udp.receive-buffer-full");
  EXPECT_EQ(root(finding), "config.buffer-limit");
  EXPECT_THAT(finding.title, HasSubstr("dnsd (pid 812)"));
  ASSERT_THAT(finding.remedies, Not(IsEmpty()));
  const auto& remedy = finding.remedies[0];
  // (8,192 + 51,200) x 1.25 / 2 = 37,120, rounded up to 4 KiB.
  ASSERT_THAT(remedy.set, SizeIs(1));
  EXPECT_EQ(remedy.set[0].target, "SO_RCVBUF");
  EXPECT_EQ(remedy.set[0].to, "40960");
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "app.slow-reader")));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "memory.udp-limit")));
}

TEST(UdpReceiveBufferFull, AQueueThatNeverDrainsIsTheReadersFaultAndNoBufferIsProposed) {
  auto host = bursty();
  host.evidence().drops.tallies[0].bursts.clear();
  host.bursts(100, 1);
  host.evidence().timeline.gauges.clear();
  host.queue({8000, 8100, 7900, 8000, 8192});
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "app.slow-reader");
  for (const auto& remedy : finding.remedies) {
    EXPECT_THAT(remedy.set, IsEmpty());
    EXPECT_EQ(remedy.command.find("SO_RCVBUF,"), std::string::npos);
  }
  EXPECT_THAT(finding.why, HasSubstr("would be full again after"));
}

// On a machine so slow that a look takes a second, the queue is seen too seldom to be watched.
TEST(UdpReceiveBufferFull, WhereNothingIsReadTheReaderIsAtFaultThoughTheQueueWasNotWatched) {
  auto host = bursty();
  host.evidence().timeline.gauges.clear();
  EXPECT_EQ(root(only_finding(host)), "config.buffer-limit");
  host.counter("snmp.Udp.InDatagrams", 0);
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "app.slow-reader");
  EXPECT_THAT(finding.why, HasSubstr("did not read from this socket"));
}

TEST(UdpReceiveBufferFull, ABurstThatNoSocketMayHoldIsTheLoadsFault) {
  auto host = bursty();
  host.setting("net.core.rmem_max", "16384");
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "load.burst");
  ASSERT_THAT(finding.remedies, SizeIs(2));
  EXPECT_EQ(finding.remedies[0].kind, "sysctl");
  EXPECT_EQ(finding.remedies[0].set[0].from, "16384");
}

TEST(UdpReceiveBufferFull, WithoutBurstsAndBufferNothingIsSized) {
  EvidenceBuilder host;
  host.evidence().drops.rung = "";
  host.counter("snmp.Udp.RcvbufErrors", 100);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.because, IsEmpty());
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].kind, "print");
}

// As where drops are traced without BTF: their number and their time are known, their size is not.
TEST(UdpReceiveBufferFull, WithoutTheSizeOfPacketsNoBufferIsProposed) {
  auto host = bursty();
  for (auto& tally : host.evidence().drops.tallies) {
    tally.bytes = tally.truesize_bytes = 0;
    for (auto& slot : tally.bursts) slot.bytes = slot.truesize_bytes = 0;
  }
  const auto finding = only_finding(host);
  EXPECT_THAT(finding.because, IsEmpty());
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].kind, "print");
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "app.slow-reader")));
  for (const auto& proof : finding.evidence) EXPECT_THAT(proof.text, Not(HasSubstr(" 0 B")));
}

TEST(UdpReceiveBufferFull, AnEditedCounterChangesTheFinding) {
  auto host = bursty();
  const auto before = only_finding(host);
  host.counter("snmp.Udp.RcvbufErrors", 900);
  const auto after = only_finding(host);
  EXPECT_EQ(before.packets, 400U);
  EXPECT_EQ(after.packets, 900U);
}

TEST(UdpReceiveBufferFull, AsksForOwnersAndQueuesOfItsNamespace) {
  auto host = bursty();
  const auto asked = questions(host.evidence());
  EXPECT_TRUE(asked.contains({model::Question::Kind::kOwners, "1"}));
  EXPECT_TRUE(asked.contains({model::Question::Kind::kWatchQueues, "1"}));
  EvidenceBuilder idle;
  EXPECT_THAT(questions(idle.evidence()), IsEmpty());
}

}  // namespace
}  // namespace diagnose
