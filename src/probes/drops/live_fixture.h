// Real packets, lost in a network namespace that only the test's thread is in, and the probe that
// watches them. Needs root and eBPF, else tests are skipped.
#pragma once

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "probes/drops/drops.h"

namespace probes::drops {

// Whether the running kernel is at least major.minor.
inline bool kernel_from(int major, int minor) {
  utsname name{};
  uname(&name);
  int found_major = 0;
  int found_minor = 0;
  if (std::sscanf(name.release, "%d.%d", &found_major, &found_minor) != 2) return false;
  return found_major != major ? found_major > major : found_minor >= minor;
}

inline base::Descriptor udp_socket() {
  return base::Descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

// Runs `body` in a new network namespace with `lo` up, and gives the namespace's inode. The
// namespace goes with the thread.
inline model::Inode in_new_namespace(const std::function<void()>& body) {
  model::Inode inode;
  std::thread([&] {
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    const auto found = base::system_files()->inode("/proc/thread-self/ns/net");
    ASSERT_TRUE(found);
    inode = std::to_string(*found);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    ASSERT_EQ(ioctl(udp_socket().get(), SIOCSIFFLAGS, &request), 0);
    body();
  }).join();
  return inode;
}

// A receiver that nobody reads, with the smallest buffer; sends to it.
struct FullReceiver {
  std::uint16_t port = 0;
  std::uint32_t buffer_bytes = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;

  void run(int packets) {
    const base::Descriptor receiver = udp_socket();
    const int small = 1;
    setsockopt(receiver.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    socklen_t length = sizeof buffer_bytes;
    getsockopt(receiver.get(), SOL_SOCKET, SO_RCVBUF, &buffer_bytes, &length);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(receiver.get(), plain, sizeof address), 0);
    length = sizeof address;
    getsockname(receiver.get(), plain, &length);
    port = ntohs(address.sin_port);
    const base::Descriptor sender = udp_socket();
    std::array<char, 200> data{};
    for (int packet = 0; packet < packets; ++packet) {
      if (sendto(sender.get(), data.data(), data.size(), 0, plain, sizeof address) > 0) ++sent;
    }
    while (recv(receiver.get(), data.data(), data.size(), MSG_DONTWAIT) > 0) ++received;
  }
};

// Asks `times` times for a connection to a port of the loopback on which nothing listens.
inline void knock(int family, int times) {
  sockaddr_in6 address{};
  auto* four = reinterpret_cast<sockaddr_in*>(&address);
  address.sin6_family = static_cast<sa_family_t>(family);
  address.sin6_port = htons(9);
  if (family == AF_INET) four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (family == AF_INET6) address.sin6_addr = in6addr_loopback;
  const socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof address;
  for (int time = 0; time < times; ++time) {
    const base::Descriptor client(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), length), -1);
  }
}

// Sends an ACK of a connection that nobody knows, as after a restart of one end.
inline void send_stray_ack() {
  // 127.0.0.1 port 4321 to port 9, header of 20 bytes, ACK. The sum over it and the pseudo header
  // (2 x 7f00 0001, protocol 6, length 20) makes the checksum.
  std::array<std::uint16_t, 10> header = {4321, 9, 0, 1, 0, 1, 0x5010, 1024, 0, 0};
  std::uint32_t sum = 2 * (0x7f00 + 1) + 6 + 20;
  sum = std::accumulate(header.begin(), header.end(), sum);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  header[8] = static_cast<std::uint16_t>(~sum);
  for (auto& word : header) word = htons(word);
  const base::Descriptor raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(sendto(raw.get(), header.data(), sizeof header, 0,
                   reinterpret_cast<sockaddr*>(&address), sizeof address),
            static_cast<ssize_t>(sizeof header));
}

// An ICMP port unreachable and what else the test itself provokes is no loss of the receiver.
inline const model::DropTally* tally_of(const model::DropTrace& trace, const model::Inode& netns,
                                        std::string_view part_of_symbol) {
  for (const model::DropTally& tally : trace.tallies) {
    const bool here = tally.netns == netns;
    if (here && tally.symbol.find(part_of_symbol) != std::string::npos) return &tally;
  }
  return nullptr;
}

class LiveDrops : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    auto reasons = host::DropReasons::read(*files_);
    if (!reasons) GTEST_SKIP() << reasons.error().what;
    reasons_ = *reasons;
    auto attached = attach({}, reasons_);
    if (!attached) GTEST_SKIP() << attached.error().what;
    probe_ = std::move(attached->probe);
    auto symbols = host::Symbols::read(*files_);
    ASSERT_TRUE(symbols);
    symbols_ = std::move(*symbols);
  }

  model::DropTrace finish() {
    auto trace = probe_->finish(&symbols_, reasons_, [](const auto&) { return true; });
    EXPECT_TRUE(trace);
    return trace ? *trace : model::DropTrace{};
  }

  std::unique_ptr<base::Files> files_ = base::system_files();
  std::unique_ptr<base::Clock> clock_ = base::system_clock();
  host::DropReasons reasons_;
  host::Symbols symbols_;
  std::unique_ptr<Probe> probe_;
};

}  // namespace probes::drops
