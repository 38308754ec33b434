#include "sources/sockets.h"

#include <gmock/gmock.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include "sources/capture.h"
#include "sources/snmp.h"
#include "sources/socket_text.h"

namespace sources {

extern const Source sockets;

namespace {

using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::Gt;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace testing_support;

std::vector<model::Socket> captured(const std::string& kernel, const std::string& file,
                                    int protocol) {
  const std::string stream = capture(kernel, file);
  std::vector<model::Socket> found;
  for (const auto& message : base::netlink_messages(as_bytes(stream))) {
    if (auto socket = parse_socket(message.payload, protocol, "7")) found.push_back(*socket);
  }
  return found;
}

const model::Socket* at_port(const std::vector<model::Socket>& found, std::uint16_t port) {
  const auto socket = std::ranges::find(found, port, &model::Socket::local_port);
  return socket == found.end() ? nullptr : &*socket;
}

// The captured receiver on 127.0.0.1:5353 does not read: its own count of drops is the namespace's.
TEST(Sockets, TheDropsOfTheDeafReceiverAreThoseOfTheNamespace) {
  const auto kernels = kernels_with("sock_diag_udp4.bin");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    const auto found = captured(kernel, "sock_diag_udp4.bin", IPPROTO_UDP);
    const auto* deaf = at_port(found, 5353);
    ASSERT_NE(deaf, nullptr) << kernel;
    Look look;
    parse_snmp_pairs("snmp", capture(kernel, "snmp"), "", "", look);
    EXPECT_EQ(deaf->drops, look.counters["snmp.Udp.RcvbufErrors"]) << kernel;
    EXPECT_GT(deaf->drops, 100U) << kernel;
    EXPECT_EQ(deaf->local, "127.0.0.1") << kernel;
    EXPECT_EQ(deaf->protocol, "udp");
    EXPECT_EQ(deaf->family, 4);
    EXPECT_EQ(deaf->state, "unconnected");
    EXPECT_EQ(deaf->netns, "7");
    EXPECT_EQ(deaf->receive_buffer, 8192U) << kernel;  // twice what was asked for
    EXPECT_GT(deaf->receive_memory, 4096U) << kernel;
    EXPECT_EQ(deaf->receive_memory, deaf->receive_queue) << kernel;
    EXPECT_GT(deaf->send_buffer, 4096U) << kernel;
    EXPECT_NE(deaf->inode, 0U) << kernel;
    EXPECT_NE(deaf->cookie, 0U) << kernel;
  }
}

// The same sockets as text: what the text has must agree.
TEST(Sockets, TextAndNetlinkAgreeOnUdp) {
  for (const auto& kernel : kernels_with("sock_diag_udp4.bin")) {
    for (const int family : {4, 6}) {
      const std::string file = family == 4 ? "udp" : "udp6";
      auto binary =
          captured(kernel, family == 4 ? "sock_diag_udp4.bin" : "sock_diag_udp6.bin", IPPROTO_UDP);
      auto text = parse_proc_sockets(capture(kernel, file), IPPROTO_UDP, family, "7");
      ASSERT_THAT(text, SizeIs(2)) << kernel << file;
      for (auto& socket : binary) {
        // What the text does not have.
        socket.cookie = socket.receive_buffer = socket.send_buffer = 0;
      }
      EXPECT_THAT(text, testing::UnorderedElementsAreArray(binary)) << kernel << file;
    }
  }
}

TEST(Sockets, TheDualStackAndTheConnectedSocketAreOfFamily6) {
  for (const auto& kernel : kernels_with("sock_diag_udp6.bin")) {
    const auto found = captured(kernel, "sock_diag_udp6.bin", IPPROTO_UDP);
    EXPECT_THAT(found, Each(Field(&model::Socket::family, 6)));
    const auto* dual = at_port(found, 5354);
    ASSERT_NE(dual, nullptr) << kernel;
    EXPECT_EQ(dual->local, "::");
    EXPECT_EQ(dual->remote, "::");
    EXPECT_EQ(dual->state, "unconnected");
    const auto* connected = at_port(found, 5355);
    ASSERT_NE(connected, nullptr) << kernel;
    EXPECT_EQ(connected->local, "::1");
    EXPECT_EQ(connected->remote, "::1");
    EXPECT_EQ(connected->remote_port, 5354);
    EXPECT_EQ(connected->state, "established");
  }
}

TEST(Sockets, AListenerTellsItsQueueAndItsLimit) {
  for (const auto& kernel : kernels_with("sock_diag_tcp4_listen.bin")) {
    const auto found = captured(kernel, "sock_diag_tcp4_listen.bin", IPPROTO_TCP);
    ASSERT_THAT(found, SizeIs(1)) << kernel;
    EXPECT_EQ(found[0].state, "listen");
    EXPECT_EQ(found[0].protocol, "tcp");
    EXPECT_EQ(found[0].local, "0.0.0.0");
    EXPECT_EQ(found[0].local_port, 8080);
    EXPECT_EQ(found[0].receive_queue, 3U) << kernel;  // listen(2) lets in 3
    EXPECT_EQ(found[0].send_queue, 2U) << kernel;
    const auto found6 = captured(kernel, "sock_diag_tcp6_listen.bin", IPPROTO_TCP);
    ASSERT_THAT(found6, SizeIs(1)) << kernel;
    EXPECT_EQ(found6[0].local, "::");
    EXPECT_EQ(found6[0].receive_queue, 0U) << kernel;
    EXPECT_EQ(found6[0].send_queue, 5U) << kernel;
  }
}

TEST(Sockets, AConnectionHasItsTcpInfoAndItsUnreadBytes) {
  for (const auto& kernel : kernels_with("sock_diag_tcp4.bin")) {
    const auto found = captured(kernel, "sock_diag_tcp4.bin", IPPROTO_TCP);
    ASSERT_THAT(found, SizeIs(testing::Ge(6U))) << kernel;
    int unread = 0;
    for (const auto& socket : found) {
      if (socket.state != "established") continue;
      ASSERT_TRUE(socket.tcp) << kernel;
      EXPECT_GT(socket.tcp->cwnd, 0U) << kernel;
      EXPECT_LT(socket.tcp->rtt_us, 10'000'000U) << kernel;
      unread += socket.receive_queue == 1234 ? 1 : 0;
    }
    EXPECT_EQ(unread, 1) << kernel;
  }
}

// The SYN that the full accept queue drops is sent again; the client's socket counts it.
TEST(Sockets, TheUnansweredConnectionRetransmits) {
  const auto found = captured("6.18", "sock_diag_tcp4.bin", IPPROTO_TCP);
  const auto waiting = std::ranges::find(found, "syn-sent", &model::Socket::state);
  ASSERT_NE(waiting, found.end());
  ASSERT_TRUE(waiting->tcp);
  EXPECT_EQ(waiting->remote_port, 8080);
  EXPECT_GT(waiting->tcp->retransmitted, 0U);
}

TEST(Sockets, AnAnswerTooShortOrOfAnotherFamilyIsNone) {
  inet_diag_msg message{};
  const auto bytes = std::as_bytes(std::span(&message, 1));
  EXPECT_EQ(parse_socket(bytes, IPPROTO_UDP, "7"), std::nullopt);
  message.idiag_family = AF_INET;
  ASSERT_TRUE(parse_socket(bytes, IPPROTO_UDP, "7"));
  EXPECT_EQ(parse_socket(bytes, IPPROTO_UDP, "7")->drops, 0U);
  EXPECT_EQ(parse_socket(bytes.first(bytes.size() - 1), IPPROTO_UDP, "7"), std::nullopt);
  message.idiag_state = 200;
  EXPECT_EQ(parse_socket(bytes, IPPROTO_TCP, "7")->state, "unknown");
}

TEST(Sockets, TheSourceAsksForUdpAndListenersOfBothFamilies) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/net/raw", "");
  base::MemoryNetlink netlink;
  const auto answer = [&](std::uint8_t family, std::uint8_t protocol, const std::string& file) {
    const std::uint8_t start[] = {family, protocol};
    const std::string stream = capture("6.18", file);
    netlink.put(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, std::as_bytes(std::span(start)),
                base::netlink_messages(as_bytes(stream)));
  };
  answer(AF_INET, IPPROTO_UDP, "sock_diag_udp4.bin");
  answer(AF_INET6, IPPROTO_UDP, "sock_diag_udp6.bin");
  answer(AF_INET, IPPROTO_TCP, "sock_diag_tcp4_listen.bin");
  answer(AF_INET6, IPPROTO_TCP, "sock_diag_tcp6_listen.bin");
  Look look;
  sockets.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.blind_spots, IsEmpty());
  EXPECT_THAT(look.sockets, SizeIs(6));
  answer(AF_INET, IPPROTO_TCP, "sock_diag_tcp4.bin");
  Look connections;
  read_tcp_established({.files = files, .netlink = netlink, .netns = "7"}, connections);
  EXPECT_THAT(connections.sockets, SizeIs(Gt(5U)));
}

TEST(Sockets, WithoutTheRightToEnterUdpIsReadAsText) {
  base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  files.put("/proc/42/net/udp", capture("6.18", "udp"));
  files.put("/proc/42/net/raw", "");
  const Access access{.files = files,
                      .netlink = netlink,
                      .netns = "7",
                      .proc_net = "/proc/42/net",
                      .can_use_netlink = false};
  Look look;
  sockets.read(access, look);
  EXPECT_THAT(look.sockets, SizeIs(2));
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].what, "TCP listeners");
  Look connections;
  read_tcp_established(access, connections);
  EXPECT_THAT(connections.blind_spots, SizeIs(1));
}

TEST(Sockets, WithoutSockDiagForUdpTheTextIsReadAndBufferSizesAreBlind) {
  base::MemoryFiles files;
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, {"netlink request: no", ""});
  files.put("/proc/thread-self/net/udp", capture("6.18", "udp"));
  files.put("/proc/thread-self/net/udp6", capture("6.18", "udp6"));
  Look look;
  read_udp_sockets({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.sockets, SizeIs(4));
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].why, "netlink request: no");
}

TEST(Sockets, AModuleThatNobodyLoadedIsNamed) {
  const base::MemoryFiles files;
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, {"netlink request: no", "", ENOENT});
  Look look;
  read_listeners({.files = files, .netlink = netlink, .netns = "7"}, look);
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].why, "the kernel's module tcp_diag is not loaded");
  EXPECT_EQ(look.blind_spots[0].enable, "modprobe tcp_diag");
}

// Captured with a receiver of ICMP that had no room for most, and one of ICMPv6.
TEST(ProcRaw, TellsTheProtocolTheQueueAndWhatWasDropped) {
  const auto found = parse_proc_sockets(capture("6.18", "raw"), IPPROTO_RAW, 4, "7");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].protocol, "raw");
  EXPECT_EQ(found[0].local_port, IPPROTO_ICMP);
  EXPECT_EQ(found[0].state, "unconnected");
  EXPECT_GT(found[0].receive_queue, 0U);
  EXPECT_GT(found[0].drops, 0U);
  const auto found6 = parse_proc_sockets(capture("6.18", "raw6"), IPPROTO_RAW, 6, "7");
  ASSERT_THAT(found6, SizeIs(1));
  EXPECT_EQ(found6[0].local, "::");
  EXPECT_EQ(found6[0].local_port, IPPROTO_ICMPV6);
}

TEST(Sockets, RawOnesAreReadFromProcWhereTheKernelHasNoRawDiag) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/net/raw", capture("6.18", "raw"));
  files.put("/proc/thread-self/net/raw6", capture("6.18", "raw6"));
  files.put("/proc/thread-self/net/sockstat", "RAW: inuse 1\n");
  files.put("/proc/thread-self/net/sockstat6", "RAW6: inuse 1\n");
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, {"netlink request: no", "", ENOENT});
  Look look;
  read_raw_sockets({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.sockets, SizeIs(2));
  EXPECT_THAT(look.blind_spots, IsEmpty()) << "nothing but the size of their buffers is missing";
}

TEST(ProcUdp, AMalformedLineIsSkippedAndTheRestIsRead) {
  const std::string tail = " 07 00000000:00001E00 00:00000000 00000000  1000 0 19264 2 0 194\n";
  const std::string good = " 1: 0100007F:14E9 00000000:0000" + tail;
  EXPECT_THAT(parse_proc_sockets("", IPPROTO_UDP, 4, "7"), IsEmpty());
  EXPECT_THAT(parse_proc_sockets(" 1: 0100007F 00000000:0000" + tail, IPPROTO_UDP, 4, "7"),
              IsEmpty());
  EXPECT_THAT(parse_proc_sockets(" 1: 0100007F:14E9 0000:0000" + tail, IPPROTO_UDP, 4, "7"),
              IsEmpty());
  EXPECT_THAT(parse_proc_sockets(" 1: 0100007G:14E9 00000000:0000" + tail, IPPROTO_UDP, 4, "7"),
              IsEmpty());
  EXPECT_THAT(parse_proc_sockets(good, IPPROTO_UDP, 6, "7"), IsEmpty());
  const auto found = parse_proc_sockets("header\n\nx\n" + good, IPPROTO_UDP, 4, "7");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].uid, 1000U);
  EXPECT_EQ(found[0].receive_queue, 0x1e00U);
  EXPECT_EQ(found[0].drops, 194U);
  EXPECT_EQ(found[0].inode, 19264U);
}

TEST(Sockets, DamagedInputIsReadWithoutHarm) {
  for (const std::string file : {"sock_diag_tcp4.bin", "sock_diag_udp6.bin"}) {
    with_damage(capture("6.18", file), 3000, [&](const std::string& stream) {
      for (const auto& message : base::netlink_messages(as_bytes(stream))) {
        const auto socket = parse_socket(message.payload, IPPROTO_TCP, "7");
        EXPECT_TRUE(!socket || socket->family == 4 || socket->family == 6);
      }
    });
  }
  with_damage(capture("6.18", "udp6"), 3000, [&](const std::string& text) {
    EXPECT_THAT(parse_proc_sockets(text, IPPROTO_UDP, 6, "7"),
                Each(Field(&model::Socket::protocol, "udp")));
  });
}

TEST(Sockets, WhoAnswersIsAskedThoughThereAreNone) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/net/sockstat",
            "TCP: inuse 0 orphan 0\nUDP: inuse 0 mem 0\nRAW: inuse 0\n");
  files.put("/proc/thread-self/net/sockstat6", "TCP6: inuse 0\nUDP6: inuse 0\nRAW6: inuse 0\n");
  const base::MemoryNetlink nobody;  // every request fails
  Look first;
  sockets.read({.files = files, .netlink = nobody, .netns = "7"}, first);
  EXPECT_THAT(first.blind_spots, Not(IsEmpty()));
  // Between looks it is known, and a namespace without sockets costs no dump.
  Memory memory;
  Look again;
  sockets.read({.files = files, .netlink = nobody, .netns = "7", .memory = &memory}, again);
  EXPECT_THAT(again.blind_spots, IsEmpty());
  files.put("/proc/thread-self/net/sockstat",
            "TCP: inuse 1 orphan 0\nUDP: inuse 0 mem 0\nRAW: inuse 0\n");
  sockets.read({.files = files, .netlink = nobody, .netns = "7", .memory = &memory}, again);
  EXPECT_THAT(again.blind_spots, SizeIs(1));
}

// The kernel's count of TCP is without those in TIME-WAIT.
TEST(Sockets, ThoseInTimeWaitAreListedWhereThereAreNoOthers) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/net/sockstat",
            "TCP: inuse 0 orphan 0 tw 3\nUDP: inuse 0 mem 0\nRAW: inuse 0\n");
  files.put("/proc/thread-self/net/sockstat6", "TCP6: inuse 0\nUDP6: inuse 0\nRAW6: inuse 0\n");
  base::MemoryNetlink netlink;
  const std::uint8_t start[] = {AF_INET, IPPROTO_TCP};
  const std::string stream = capture("6.18", "sock_diag_tcp4.bin");
  netlink.put(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, std::as_bytes(std::span(start)),
              base::netlink_messages(as_bytes(stream)));
  Memory memory;
  Look look;
  read_all_sockets({.files = files, .netlink = netlink, .netns = "7", .memory = &memory}, look);
  EXPECT_THAT(look.sockets, Not(IsEmpty()));
}

}  // namespace
}  // namespace sources
