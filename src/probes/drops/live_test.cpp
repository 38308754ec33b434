// The probe against the running kernel.
#include "probes/drops/live_fixture.h"

namespace probes::drops {
namespace {

using base::Descriptor;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST_F(LiveDrops, EveryPacketThatAFullReceiveBufferLosesIsBookedInItsPlace) {
  FullReceiver full;
  probe_->start(clock_->monotonic());
  const auto netns = in_new_namespace([&] { full.run(5000); });
  probe_->poll();
  const auto trace = finish();
  const auto* tally = tally_of(trace, netns, "udp_queue_rcv");
  ASSERT_NE(tally, nullptr);
  ASSERT_GT(full.sent, full.received);
  EXPECT_EQ(tally->packets + trace.recursion_misses + trace.outside_table,
            full.sent - full.received);
  EXPECT_EQ(tally->events, tally->packets);
  EXPECT_GT(tally->truesize_bytes, tally->bytes);
  EXPECT_EQ(tally->ifindex, 1U);
  EXPECT_EQ(tally->protocol, 0x0800);
  EXPECT_EQ(tally->reason, kernel_from(5, 17) ? "SOCKET_RCVBUFF" : "");
  EXPECT_EQ(tally->port, kernel_from(6, 11) ? full.port : 0);
  EXPECT_THAT(tally->series, testing::ElementsAre(tally->packets));
}

TEST_F(LiveDrops, TheSlotsOfABurstAddUpToItsPackets) {
  FullReceiver full;
  probe_->start(clock_->monotonic());
  const auto netns = in_new_namespace([&] {
    for (int round = 0; round < 5; ++round) {
      full.run(1000);
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      probe_->poll();
    }
  });
  const auto trace = finish();
  std::uint64_t packets = 0;
  std::uint64_t in_slots = 0;
  std::uint64_t slots = 0;
  for (const model::DropTally& tally : trace.tallies) {
    if (tally.netns != netns) continue;
    EXPECT_TRUE(tally.bursts_complete);
    packets += tally.packets;
    slots += tally.bursts.size();
    for (const auto& slot : tally.bursts) in_slots += slot.packets;
  }
  EXPECT_GE(slots, 5U);
  EXPECT_GE(packets, full.sent - full.received);
  EXPECT_EQ(in_slots, packets);
}

TEST_F(LiveDrops, ASampleTellsWhosePacketItWas) {
  FullReceiver full;
  probe_->start(clock_->monotonic());
  const auto netns = in_new_namespace([&] { full.run(200); });
  probe_->poll();
  const auto trace = finish();
  const auto* tally = tally_of(trace, netns, "udp_queue_rcv");
  ASSERT_NE(tally, nullptr);
  const auto index = static_cast<std::uint32_t>(tally - trace.tallies.data());
  const auto sample = std::ranges::find(trace.samples, index, &model::DropSample::tally);
  ASSERT_NE(sample, trace.samples.end());
  ASSERT_TRUE(sample->flow);
  EXPECT_EQ(sample->flow->protocol, "udp");
  EXPECT_EQ(sample->flow->destination, "127.0.0.1");
  EXPECT_EQ(sample->flow->destination_port, full.port);
  EXPECT_GE(sample->at_ns, 0);
  ASSERT_FALSE(sample->stack.empty());
  EXPECT_THAT(sample->stack.front(), HasSubstr(tally->symbol));
  EXPECT_THAT(sample->stack, Contains(HasSubstr("udp_sendmsg")));
  if (!kernel_from(6, 11)) return;  // before, the tracepoint does not tell the socket
  EXPECT_EQ(sample->receive_buffer_bytes, full.buffer_bytes);
  EXPECT_GT(sample->receive_queue_bytes, 0U);
}

TEST_F(LiveDrops, WhatCameBeforeTheStartAndAfterTheLastPollIsNotOfTheWindow) {
  FullReceiver before;
  FullReceiver within;
  FullReceiver after;
  const auto early = in_new_namespace([&] { before.run(500); });
  probe_->start(clock_->monotonic());
  const auto present = in_new_namespace([&] { within.run(500); });
  probe_->poll();
  const auto late = in_new_namespace([&] { after.run(500); });
  const auto trace = finish();
  EXPECT_NE(tally_of(trace, present, "udp_queue_rcv"), nullptr);
  // The kernel may give the inode of a namespace that is gone to the next one.
  for (const auto& other : {early, late}) {
    EXPECT_EQ(tally_of(trace, other, "udp_queue_rcv") == nullptr, other != present);
  }
  EXPECT_EQ(tally_of(trace, present, "udp_queue_rcv")->packets, within.sent - within.received);
}

// A datagram with a wrong checksum is found out when somebody looks into the queue, where skb->dev
// holds other data.
TEST_F(LiveDrops, AQueuedPacketHasNoDeviceAndIsNotPutIntoAForeignNamespace) {
  probe_->start(clock_->monotonic());
  const auto netns = in_new_namespace([&] {
    const Descriptor receiver = udp_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(5353);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(receiver.get(), plain, sizeof address), 0);
    const Descriptor raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP));
    // Up to 76 bytes the checksum is looked at on arrival already.
    std::array<std::uint8_t, 208> datagram{0x10, 0, 0x14, 0xe9, 0, 208, 0xba, 0xad};
    for (int packet = 0; packet < 10; ++packet) {
      ASSERT_GT(sendto(raw.get(), datagram.data(), datagram.size(), 0, plain, sizeof address), 0);
    }
    int waiting = -1;
    ASSERT_EQ(ioctl(receiver.get(), FIONREAD, &waiting), 0);
    EXPECT_EQ(waiting, 0);
  });
  probe_->poll();
  const auto trace = finish();
  const auto found = std::ranges::find_if(trace.tallies, [](const auto& tally) {
    return tally.symbol.find("first_packet_length") != std::string::npos;
  });
  ASSERT_NE(found, trace.tallies.end());
  EXPECT_EQ(found->packets, 10U);
  EXPECT_THAT(found->netns, testing::AnyOf(netns, ""));
  EXPECT_EQ(found->ifindex, 0U);
}

// One event, ten packets: the kernel carries what it will cut later as one.
TEST_F(LiveDrops, ASegmentedPacketCountsAsItsSegments) {
  constexpr int kSends = 10;
  constexpr int kSegmentBytes = 100;
  constexpr int kSegments = 7;
  probe_->start(clock_->monotonic());
  const auto netns = in_new_namespace([&] {
    const Descriptor sender = udp_socket();
    ASSERT_EQ(setsockopt(sender.get(), SOL_UDP, UDP_SEGMENT, &kSegmentBytes, sizeof(int)), 0);
    sockaddr_in nobody{};
    nobody.sin_family = AF_INET;
    nobody.sin_port = htons(9);
    nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::array<char, kSegmentBytes * kSegments> data{};
    for (int at = 0; at < kSends; ++at) {
      ASSERT_GT(sendto(sender.get(), data.data(), data.size(), 0,
                       reinterpret_cast<sockaddr*>(&nobody), sizeof nobody),
                0);
    }
  });
  probe_->poll();
  const auto trace = finish();
  const auto* tally = tally_of(trace, netns, "udp4_lib_rcv");
  ASSERT_NE(tally, nullptr);
  EXPECT_EQ(tally->packets, std::uint64_t{kSends * kSegments});
  // 5.10 cuts them before lo.
  EXPECT_EQ(tally->events, kernel_from(6, 1) ? std::uint64_t{kSends} : tally->packets);
}

TEST_F(LiveDrops, NothingIsLeftAttached) {
  probe_->start(clock_->monotonic());
  probe_->poll();
  (void)finish();
  const auto descriptors = files_->list("/proc/self/fd");
  ASSERT_TRUE(descriptors);
  for (const std::string& fd : *descriptors) {
    const auto target = files_->link_target("/proc/self/fd/" + fd);
    EXPECT_THAT(target.value_or(""), Not(HasSubstr("bpf")));
  }
}

TEST_F(LiveDrops, AnotherTracerIsReportedAndOurselvesAreNot) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  probe_.reset();
  const pid_t child = fork();
  if (child == 0) {
    const auto other = attach({}, reasons_);
    const char attached = other ? 'y' : 'n';
    if (write(pipe_ends[1], &attached, 1) == 1) pause();
    _exit(0);
  }
  char attached = 'n';
  ASSERT_EQ(read(pipe_ends[0], &attached, 1), 1);
  const auto tracers = other_tracers();
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(attached, 'y');
  EXPECT_THAT(tracers, Contains(HasSubstr("(pid " + std::to_string(child) + "): BPF program")));

  const auto own = attach({}, reasons_);
  ASSERT_TRUE(own);
  EXPECT_THAT(other_tracers(), Not(Contains(HasSubstr("(pid " + std::to_string(getpid()) + ")"))));
}

TEST(MapBytes, GrowWithThePossibleCpusAndStaySmall) {
  EXPECT_GT(map_bytes(256), map_bytes(2));
  EXPECT_LT(map_bytes(256), 16U << 20);
}

TEST_F(LiveDrops, AttemptsToConnectAreToldFromWhatIsLeftOfConnections) {
  if (!kernel_from(5, 17)) GTEST_SKIP() << "kernels before 5.17 give no reasons";
  probe_->start(clock_->monotonic());
  const auto netns = in_new_namespace([&] {
    knock(AF_INET, 5);
    knock(AF_INET6, 3);
    send_stray_ack();
    send_stray_ack();
  });
  probe_->poll();
  std::map<std::pair<std::string, bool>, std::uint64_t> seen;
  for (const auto& tally : finish().tallies) {
    if (tally.netns != netns || tally.reason != "NO_SOCKET") continue;
    seen[{tally.symbol, tally.opens_connection}] += tally.packets;
  }
  EXPECT_EQ((seen[{"tcp_v4_rcv", true}]), 5U);
  EXPECT_EQ((seen[{"tcp_v6_rcv", true}]), 3U);
  // The resets that answer the strays meet a raw socket and no TCP socket either.
  EXPECT_GE((seen[{"tcp_v4_rcv", false}]), 2U);
  EXPECT_EQ((seen[{"tcp_v6_rcv", false}]), 0U);
}

}  // namespace
}  // namespace probes::drops
