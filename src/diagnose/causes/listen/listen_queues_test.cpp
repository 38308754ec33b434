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

model::Finding only_finding(EvidenceBuilder& host) {
  const auto diagnosis = diagnose(host.evidence());
  EXPECT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.totals.unexplained, 0U);
  return diagnosis.findings.empty() ? model::Finding{} : diagnosis.findings[0];
}

std::string root(const model::Finding& finding) {
  return finding.because.empty() ? "" : finding.because[0].cause;
}

// Refused in two bursts, 0.5 s apart.
EvidenceBuilder refused() {
  EvidenceBuilder host;
  host.rises("netstat.TcpExt.ListenOverflows", {0, 180, 0, 0, 0, 0, 60, 0, 0, 0})
      .rises("netstat.TcpExt.ListenDrops", {0, 180, 0, 0, 0, 0, 60, 0, 0, 0})
      .counter("netstat.TcpExt.TCPReqQFullDrop", 0)
      .counter("snmp.Tcp.PassiveOpens", 40)
      .setting_of_netns("net.core.somaxconn", "4096")
      .listener(8080, 240, 16);
  return host;
}

TEST(AcceptQueue, OneThatDrainsBetweenBurstsWasTooShort) {
  auto host = refused();
  host.waiting({0, 0, 17, 3, 0, 0, 0, 17, 0, 0, 0});
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "listen.accept-queue-full");
  EXPECT_EQ(finding.packets, 240U);
  EXPECT_EQ(root(finding), "app.listen-backlog");
  EXPECT_EQ(finding.at.socket, "tcp *:8080");
  EXPECT_THAT(finding.title, HasSubstr("web (pid 812)"));
  ASSERT_THAT(finding.remedies, SizeIs(1));
  // (16 + 180) x 1.25 = 245, rounded up to a multiple of 32.
  EXPECT_EQ(finding.remedies[0].set[0].to, "256");
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "app.slow-reader")));
  EXPECT_THAT(finding.ruled_out, Contains(Field(&model::RuledOut::cause, "listen.syn-queue-full")));
}

TEST(AcceptQueue, OneThatStaysFullHasASlowApplicationAndNoLengthIsProposed) {
  auto host = refused();
  host.waiting({0, 0, 17, 17, 16, 17, 17, 17, 17, 17, 17});
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "app.slow-reader");
  EXPECT_EQ(finding.confidence, model::Confidence::kHigh);
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_THAT(finding.remedies[0].set, IsEmpty());
}

TEST(AcceptQueue, OneAsLongAsSomaxconnAllowsIsCapped) {
  auto host = refused();
  host.setting_of_netns("net.core.somaxconn", "16").waiting({0, 0, 17, 3, 0, 0, 0, 17, 0, 0, 0});
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "config.somaxconn");
  ASSERT_THAT(finding.remedies, SizeIs(2));
  EXPECT_EQ(finding.remedies[0].id, "sysctl.somaxconn");
  EXPECT_EQ(finding.remedies[0].set[0].from, "16");
  EXPECT_EQ(finding.remedies[1].id, "app.listen-backlog");
}

TEST(AcceptQueue, NeverWatchedItIsJudgedByWhatItHeldAtTheEnd) {
  auto host = refused();
  EXPECT_EQ(only_finding(host).confidence, model::Confidence::kLow);
  host.evidence().sockets[0].receive_queue = 17;
  const auto finding = only_finding(host);
  EXPECT_EQ(root(finding), "app.slow-reader");
  EXPECT_EQ(finding.confidence, model::Confidence::kMedium);
}

// As it is without the right to enter the namespace.
TEST(AcceptQueue, OfAListenerThatWasNotSeenNothingIsBlamed) {
  auto host = refused();
  host.evidence().sockets.clear();
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.packets, 240U);
  EXPECT_EQ(finding.confidence, model::Confidence::kLow);
  EXPECT_THAT(finding.because, IsEmpty());
  ASSERT_THAT(finding.remedies, SizeIs(1));
  EXPECT_EQ(finding.remedies[0].command, "ss -ltn") << "its port is not known";
}

TEST(AcceptQueue, WithoutACounterTheTraceSaysWhatItCannotHold) {
  EvidenceBuilder host;
  host.tally("cookie_v4_check", "NO_SOCKET", 30);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  const auto& why = diagnosis.accounts[0].reconciliation.why;
  EXPECT_THAT(why, HasSubstr("no counter of this namespace could be read"));
  EXPECT_THAT(why, HasSubstr("raises no trace"));
}

TEST(AcceptQueue, TheTraceHoldsOnlyLastAcksAndThatIsNoDisagreement) {
  auto host = refused();
  host.tally("tcp_v4_rcv", "TCP_LISTEN_OVERFLOW", 20).tally("cookie_v4_check", "NO_SOCKET", 30);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].packets, 240U);
  EXPECT_EQ(diagnosis.accounts[0].reconciliation.state, model::Agreement::kNotComparable);
}

TEST(AcceptQueue, TwoListenersAreTwoFindingsThatAddUp) {
  auto host = refused();
  host.evidence().sockets[0].drops = 200;
  host.listener(9090, 40, 128);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(2));
  EXPECT_EQ(diagnosis.findings[0].packets, 200U);
  EXPECT_EQ(diagnosis.findings[1].at.socket, "tcp *:9090");
  EXPECT_EQ(diagnosis.findings[1].packets, 40U);
}

TEST(SynQueue, CookiesOffAndNoHandshakeFinishedIsAFlood) {
  EvidenceBuilder host;
  host.counter("netstat.TcpExt.TCPReqQFullDrop", 700)
      .counter("netstat.TcpExt.ListenDrops", 700)
      .counter("netstat.TcpExt.ListenOverflows", 0)
      .counter("snmp.Tcp.PassiveOpens", 0)
      .setting_of_netns("net.ipv4.tcp_syncookies", "0")
      .listener(8080, 700, 64);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "listen.syn-queue-full");
  EXPECT_EQ(root(finding), "load.flood");
  EXPECT_EQ(finding.at.socket, "tcp *:8080");
  EXPECT_THAT(finding.ruled_out,
              Contains(Field(&model::RuledOut::cause, "listen.accept-queue-full")));
  ASSERT_THAT(finding.remedies, Not(IsEmpty()));
  EXPECT_EQ(finding.remedies[0].set[0].target, "net.ipv4.tcp_syncookies");
}

TEST(SynQueue, ManyFinishedHandshakesAreABurst) {
  EvidenceBuilder host;
  host.counter("netstat.TcpExt.TCPReqQFullDrop", 700)
      .counter("snmp.Tcp.PassiveOpens", 900)
      .setting_of_netns("net.ipv4.tcp_syncookies", "0")
      .listener(8080, 700, 64);
  EXPECT_EQ(root(only_finding(host)), "load.burst");
}

TEST(SynQueue, TheReserveOfTheSynBacklogIsCountedInListenDropsOnly) {
  EvidenceBuilder host;
  host.counter("netstat.TcpExt.ListenDrops", 300)
      .setting_of_netns("net.ipv4.tcp_syncookies", "0")
      .setting_of_netns("net.ipv4.tcp_max_syn_backlog", "128")
      .listener(8080, 300, 4096);
  const auto finding = only_finding(host);
  EXPECT_EQ(finding.cause, "listen.syn-queue-full");
  EXPECT_EQ(finding.packets, 300U);
}

TEST(SynQueue, WithCookiesOnListenDropsBeyondTheQueuesStayUnknown) {
  EvidenceBuilder host;
  host.counter("netstat.TcpExt.ListenDrops", 300)
      .setting_of_netns("net.ipv4.tcp_syncookies", "1")
      .listener(8080, 300, 4096);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.accounts, SizeIs(1));
  EXPECT_EQ(diagnosis.accounts[0].account, "netstat.TcpExt.ListenDrops");
  EXPECT_EQ(diagnosis.totals.unexplained, 300U);
}

TEST(Listeners, OneWhoseQueueWasFullIsTheAcceptQueuesTheOtherTheSynQueues) {
  EvidenceBuilder host;
  host.counter("netstat.TcpExt.ListenOverflows", 100)
      .counter("netstat.TcpExt.TCPReqQFullDrop", 50)
      .counter("netstat.TcpExt.ListenDrops", 150)
      .setting_of_netns("net.ipv4.tcp_syncookies", "0")
      .listener(8080, 100, 16, 17)
      .listener(9090, 50, 64);
  const auto diagnosis = diagnose(host.evidence());
  ASSERT_THAT(diagnosis.findings, SizeIs(2));
  EXPECT_EQ(diagnosis.findings[0].cause, "listen.accept-queue-full");
  EXPECT_EQ(diagnosis.findings[0].at.socket, "tcp *:8080");
  EXPECT_EQ(diagnosis.findings[1].cause, "listen.syn-queue-full");
  EXPECT_EQ(diagnosis.findings[1].at.socket, "tcp *:9090");
  EXPECT_EQ(diagnosis.totals.lost, 150U);
}

}  // namespace
}  // namespace diagnose
