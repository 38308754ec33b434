// The probe against the running kernel.
#include "probes/retransmits/live_fixture.h"

namespace probes::retransmits {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using enum model::RetransmissionKind;

std::uint64_t cookie_of(const base::Descriptor& socket) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  EXPECT_EQ(getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &cookie, &length), 0);
  return cookie;
}

// Before, a socket has one only after somebody asked for it.
bool has_cookies() {
  return kernel_from(5, 12);
}

std::uint64_t resets_of(const model::Retransmissions& result, const model::Inode& netns, bool sent,
                        std::optional<std::string> reason = {}) {
  std::uint64_t resets = 0;
  for (const auto& tally : result.resets) {
    if (tally.netns != netns || tally.sent != sent) continue;
    if (!reason || tally.reason == *reason) resets += tally.resets;
  }
  return resets;
}

TEST_F(LiveRetransmits, RandomLossIsToldSegmentBySegment) {
  std::uint64_t arrived = 0;
  Counts counts;
  model::Inode netns;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    Connection connection;
    connection.make(world);
    world.server.lose("numgen random mod 100 < 3");
    arrived = connection.flood(std::chrono::milliseconds(2000));
    counts = settle(world).first;
    netns = world.client.inode();
  });
  const auto result = finish();
  ASSERT_GT(arrived, 100'000U);
  expect_all_told(result, netns, counts);
  EXPECT_GT(segments_in(result, netns, kFast), 0U);
  EXPECT_EQ(result.missed_runs, 0U);
  EXPECT_THAT(result.series, Not(testing::IsEmpty()));
  const auto flows = flows_in(result, netns);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_EQ(flows[0].local, kClientAddress);
  EXPECT_EQ(flows[0].remote, kServerAddress);
  EXPECT_EQ(flows[0].remote_port, 5001);
  EXPECT_FALSE(samples_in(result, netns).empty());
  RecordProperty("segments", static_cast<int>(segments_in(result, netns)));
}

TEST_F(LiveRetransmits, ADeadReceiverIsAProbeAndThenTimeouts) {
  Counts counts;
  model::Inode netns;
  std::uint64_t cookie = 0;
  std::uint16_t port = 0;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    Connection connection;
    connection.make(world);
    connection.exchange();
    world.server.lose("tcp dport 5001");
    // A probe comes early where more than one segment waits for an answer.
    connection.send_bytes(4000);
    milliseconds(1100);
    cookie = cookie_of(connection.from);
    Address local;
    local.length = sizeof local.storage;
    getsockname(connection.from.get(), local.plain(), &local.length);
    port = ntohs(reinterpret_cast<sockaddr_in*>(&local.storage)->sin_port);
    counts = settle(world).first;
    netns = world.client.inode();
  });
  const auto result = finish();
  expect_all_told(result, netns, counts);
  EXPECT_EQ(segments_in(result, netns, kLossProbe), counts["TcpExt:TCPLossProbes"]);
  EXPECT_EQ(segments_in(result, netns, kTimeout), counts["TcpExt:TCPTimeouts"]);
  EXPECT_EQ(segments_in(result, netns, kLossProbe), 1U);
  EXPECT_GE(segments_in(result, netns, kTimeout), 2U);
  const auto flows = flows_in(result, netns);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_EQ(flows[0].cookie, cookie);
  EXPECT_EQ(flows[0].local_port, port);
  EXPECT_GE(flows[0].first_ns, 0);
  EXPECT_GT(flows[0].last_ns, flows[0].first_ns);
  const auto samples = samples_in(result, netns);
  ASSERT_GE(samples.size(), 3U);
  const auto& sample = samples.back();
  EXPECT_EQ(sample.kind, kTimeout);
  EXPECT_EQ(sample.moment.state, "established");
  EXPECT_EQ(sample.moment.cookie, has_cookies() ? cookie : 0);
  EXPECT_EQ(sample.moment.netns, netns);
  EXPECT_EQ(sample.moment.remote, kServerAddress);
  EXPECT_EQ(sample.congestion_state, "loss");
  EXPECT_EQ(sample.cwnd, 1U);
  EXPECT_GE(sample.in_flight, 1U);
  EXPECT_EQ(sample.segments, 1U);
  EXPECT_EQ(sample.error, 0);
  EXPECT_GT(sample.length_bytes, 0U);
  EXPECT_EQ(sample.tcp_flags & 0x12, 0x10);  // ACK, not SYN
  EXPECT_GE(sample.rto_us, 200'000U);
  EXPECT_LT(sample.rto_us, 2'000'000U);
  EXPECT_GT(sample.rtt_us, 0U);
  EXPECT_LT(sample.rtt_us, 200'000U);
  EXPECT_EQ(sample.total, flows[0].total);
}

TEST_F(LiveRetransmits, AnUnansweredSynIsOne) {
  Counts counts;
  model::Inode netns;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    world.server.lose("tcp dport 5010");
    const auto socket = world.knock_at(kServerAddress6, 5010);
    milliseconds(1500);
    counts = settle(world).first;
    netns = world.client.inode();
  });
  const auto result = finish();
  expect_all_told(result, netns, counts);
  const auto flows = flows_in(result, netns);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_EQ(flows[0].family, 6);
  EXPECT_EQ(flows[0].local, "fd00::1");
  EXPECT_EQ(flows[0].remote, kServerAddress6);
  EXPECT_EQ(flows[0].remote_port, 5010);
  EXPECT_GE(flows[0].segments[std::size_t(kSyn)], 1U);
  const auto samples = samples_in(result, netns);
  ASSERT_FALSE(samples.empty());
  EXPECT_EQ(samples[0].moment.state, "syn-sent");
  EXPECT_EQ(samples[0].kind, kSyn);
  EXPECT_EQ(samples[0].tcp_flags & 0x12, 0x02);
}

TEST_F(LiveRetransmits, SynAcksAreTheirListeners) {
  std::pair<Counts, Counts> counts;
  std::pair<model::Inode, model::Inode> netns;
  std::uint64_t cookie = 0;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    const auto listener = world.listen_on(kServerAddress, 5001);
    world.client.lose("tcp flags & (syn | ack) == (syn | ack)");
    const auto socket = world.knock_at(kServerAddress, 5001);
    milliseconds(1500);
    cookie = cookie_of(listener);
    counts = settle(world);
    netns = {world.client.inode(), world.server.inode()};
  });
  const auto result = finish();
  expect_all_told(result, netns.first, counts.first);
  expect_all_told(result, netns.second, counts.second);
  EXPECT_GE(segments_in(result, netns.second, kSynAck), 1U);
  EXPECT_GE(segments_in(result, netns.first, kSyn), 1U);
  const auto flow =
      std::ranges::find(result.flows, netns.second, &model::RetransmittingFlow::netns);
  ASSERT_NE(flow, result.flows.end());
  EXPECT_EQ(flow->local, kServerAddress);
  EXPECT_EQ(flow->local_port, 5001);
  EXPECT_EQ(flow->remote, "");
  EXPECT_EQ(flow->remote_port, 0);
  EXPECT_EQ(flow->cookie, has_cookies() ? cookie : 0);
  const auto sample =
      std::ranges::find(result.samples, kSynAck, &model::RetransmissionSample::kind);
  ASSERT_NE(sample, result.samples.end());
  EXPECT_EQ(sample->moment.remote, kClientAddress);
  EXPECT_EQ(sample->moment.cookie, has_cookies() ? cookie : 0);
  EXPECT_EQ(sample->moment.netns, netns.second);
  EXPECT_EQ(result.flows.at(sample->flow), *flow);
}

// What this host's own firewall refuses is counted by the kernel, and before 6.18 without an event.
class WhatThisHostRefuses : public LiveRetransmits, public testing::WithParamInterface<bool> {};

TEST_P(WhatThisHostRefuses, IsCountedAndCalledSo) {
  const bool is_closed = GetParam();
  Counts counts;
  model::Inode netns;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    Connection connection;
    connection.make(world);
    connection.exchange();
    world.server.lose("tcp dport 5001");
    connection.send_bytes(4000);
    milliseconds(100);
    world.client.lose_on_its_way_out("tcp dport 5001");
    milliseconds(1000);
    if (is_closed) {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      setsockopt(connection.from.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      connection.from = base::Descriptor();
    }
    counts = settle(world).first;
    netns = world.client.inode();
    if (!is_closed) probe_result_ = finish();
  });
  const auto result = is_closed ? finish() : probe_result_;
  expect_all_told(result, netns, counts);
  const auto flows = flows_in(result, netns);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_EQ(flows[0].closed, is_closed);
  EXPECT_GE(flows[0].refused, 1U);
  EXPECT_LT(flows[0].refused, segments_of(flows[0]));
  const bool is_told = kernel_from(6, 18);
  EXPECT_EQ(flows[0].segments[std::size_t(kUnseen)], is_told ? 0 : flows[0].refused);
  if (!is_told) return;
  EXPECT_EQ(samples_in(result, netns).back().error, -EPERM);
  EXPECT_EQ(samples_in(result, netns).back().segments, 1U);
}

INSTANTIATE_TEST_SUITE_P(SocketsOpenAndClosed, WhatThisHostRefuses, testing::Bool());

TEST_F(LiveRetransmits, AClosedPortAnswersWithAReset) {
  std::pair<Counts, Counts> counts;
  std::pair<model::Inode, model::Inode> netns;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    for (const char* address : {kServerAddress, kServerAddress6}) {
      const auto socket = world.knock_at(address, 9);
      EXPECT_TRUE(wait_for(socket.get(), POLLIN, 3000));
    }
    counts = settle(world);
    netns = {world.client.inode(), world.server.inode()};
  });
  const auto result = finish();
  EXPECT_EQ(counts.second["Tcp:OutRsts"], 2U);
  EXPECT_EQ(resets_of(result, netns.first, false), 2U);
  EXPECT_EQ(resets_of(result, netns.first, true), 0U);
  EXPECT_THAT(
      result.resets,
      Contains(model::ResetTally{
          .netns = netns.first, .sent = false, .reason = "", .state = "syn-sent", .resets = 2}));
  const bool is_told = kernel_from(6, 10);
  EXPECT_EQ(resets_of(result, netns.second, true), is_told ? 2U : 0U);
  EXPECT_EQ(resets_of(result, netns.second, true, "NO_SOCKET"), is_told ? 2U : 0U);
  if (!is_told) return;
  const auto samples = reset_samples_in(result, netns.second);
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_EQ(samples[0].reason, "NO_SOCKET");
  EXPECT_TRUE(samples[0].sent);
  EXPECT_EQ(samples[0].moment.state, "");
  EXPECT_EQ(samples[0].moment.local, kServerAddress);
  EXPECT_EQ(samples[0].moment.local_port, 9);
  EXPECT_EQ(samples[0].moment.remote, kClientAddress);
  EXPECT_NE(samples[0].moment.remote_port, 0);
  EXPECT_EQ(samples[1].moment.local, kServerAddress6);
  EXPECT_EQ(samples[1].moment.remote, "fd00::1");
}

TEST_F(LiveRetransmits, AClosedSocketWithUnreadDataResetsItsConnection) {
  std::pair<Counts, Counts> counts;
  std::pair<model::Inode, model::Inode> netns;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    Connection connection;
    connection.make(world);
    connection.send_bytes(100);
    ASSERT_TRUE(wait_for(connection.to.get(), POLLIN, 3000));
    connection.to = base::Descriptor();
    EXPECT_TRUE(wait_for(connection.from.get(), POLLIN, 3000));
    counts = settle(world);
    netns = {world.client.inode(), world.server.inode()};
  });
  const auto result = finish();
  EXPECT_EQ(counts.second["Tcp:OutRsts"], 1U);
  EXPECT_EQ(resets_of(result, netns.second, true), 1U);
  EXPECT_EQ(resets_of(result, netns.first, false), 1U);
  const auto samples = reset_samples_in(result, netns.second);
  ASSERT_THAT(samples, SizeIs(1));
  EXPECT_EQ(samples[0].moment.local_port, 5001);
  EXPECT_EQ(samples[0].moment.remote, kClientAddress);
}

TEST_F(LiveRetransmits, WhatFindsNoRoomIsSummedUp) {
  Counts counts;
  model::Inode netns;
  attach_with({.most_flows = 1});
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    world.server.lose("tcp dport 5010-5012");
    const std::array sockets = {world.knock_at(kServerAddress, 5010),
                                world.knock_at(kServerAddress, 5011),
                                world.knock_at(kServerAddress, 5012)};
    milliseconds(1500);
    counts = settle(world).first;
    netns = world.client.inode();
  });
  const auto result = finish();
  ASSERT_THAT(result.flows, SizeIs(1));
  // Others on this host may have been outside as well, or even inside.
  EXPECT_GE(segments_in(result, netns) + result.outside_segments, counts["Tcp:RetransSegs"]);
  EXPECT_GE(result.outside_segments, 2U);
  EXPECT_GE(result.outside_events, 2U);
  EXPECT_EQ(segments_of(result.flows[0]) + result.outside_segments,
            std::accumulate(result.series.begin(), result.series.end(), std::uint64_t{0}));
}

TEST_F(LiveRetransmits, WhatCameBeforeTheStartIsNotOfTheWindow) {
  Counts before;
  Counts after;
  model::Inode netns;
  symbols_ = host::Symbols::read(*files_).value_or(host::Symbols{});
  attach_with({.stacks = true});
  in_a_world([&](World& world) {
    Connection connection;
    connection.make(world);
    connection.exchange();
    world.server.lose("tcp dport 5001");
    connection.send_bytes(4000);
    milliseconds(500);
    before = settle(world).first;
    probe_->start(clock_->monotonic());
    milliseconds(600);
    after = settle(world).first;
    netns = world.client.inode();
  });
  const auto result = finish();
  ASSERT_GT(before["Tcp:RetransSegs"], 0U);
  ASSERT_GT(after["Tcp:RetransSegs"], before["Tcp:RetransSegs"]);
  EXPECT_EQ(segments_in(result, netns), after["Tcp:RetransSegs"] - before["Tcp:RetransSegs"]);
  const auto flows = flows_in(result, netns);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_LT(flows[0].first_ns, 0);
  EXPECT_EQ(flows[0].total, after["Tcp:RetransSegs"]);
  const auto samples = samples_in(result, netns);
  ASSERT_FALSE(samples.empty());
  EXPECT_GE(samples[0].moment.at_ns, 0);
  EXPECT_THAT(samples[0].moment.stack, Contains(HasSubstr("tcp_retransmit_timer")));
}

// The receiver got everything; its answers are lost, so the sender sends again what it need not.
TEST_F(LiveRetransmits, NeedlessRetransmissionsAreToldByTheOtherEnd) {
  Counts counts;
  model::Inode netns;
  probe_->start(clock_->monotonic());
  in_a_world([&](World& world) {
    Connection connection;
    connection.make(world);
    connection.exchange();
    world.client.lose("tcp sport 5001");
    connection.send_bytes(4000);
    milliseconds(400);
    world.client.accept_all();
    milliseconds(800);
    counts = settle(world).first;
    netns = world.client.inode();
    probe_result_ = finish();
  });
  expect_all_told(probe_result_, netns, counts);
  const auto flows = flows_in(probe_result_, netns);
  ASSERT_THAT(flows, SizeIs(1));
  EXPECT_GE(counts["TcpExt:TCPDSACKRecvSegs"], 1U);
  EXPECT_EQ(flows[0].duplicates, counts["TcpExt:TCPDSACKRecvSegs"]);
}

TEST_F(LiveRetransmits, NothingIsLeftAttached) {
  probe_->start(clock_->monotonic());
  probe_->poll();
  (void)finish();
  const auto descriptors = files_->list("/proc/self/fd");
  ASSERT_TRUE(descriptors);
  for (const std::string& fd : *descriptors) {
    EXPECT_THAT(files_->link_target("/proc/self/fd/" + fd).value_or(""), Not(HasSubstr("bpf")));
  }
}

TEST_F(LiveRetransmits, SaysWhatThisKernelDoesNotTell) {
  EXPECT_THAT(probe_->blind_spots(), SizeIs(kernel_from(6, 18) ? 0 : kernel_from(6, 10) ? 1 : 2));
  EXPECT_EQ(reasons_.empty(), !kernel_from(6, 10));
}

}  // namespace
}  // namespace probes::retransmits
