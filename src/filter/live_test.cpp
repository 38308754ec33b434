// A filter inside a program on kfree_skb, while packets are lost in a network namespace that only
// the test's thread is in. Needs root and eBPF, else the tests are skipped.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>

#include "filter/compile.h"
#include "filter/insertion.h"
#include "filter/matching_drops.skel.h"
#include "filter/random_packet.h"

namespace filter {
namespace {

using base::Descriptor;

// Runs `body` in a new network namespace with `lo` up and no IPv6 that would speak unasked; the
// namespace goes with the thread.
void in_new_namespace(const std::function<void(std::uint32_t inode)>& body) {
  std::thread([&] {
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    struct stat status{};
    ASSERT_EQ(stat("/proc/thread-self/ns/net", &status), 0);
    ASSERT_EQ(std::system("for s in all default; do"
                          " echo 1 > /proc/sys/net/ipv6/conf/$s/disable_ipv6; done;"
                          " ip link set lo up"),
              0);
    body(static_cast<std::uint32_t>(status.st_ino));
  }).join();
}

class MatchingDrops {
 public:
  // Nothing where this user or kernel cannot have it.
  static std::unique_ptr<MatchingDrops> open(std::uint32_t netns) {
    libbpf_set_print(nullptr);
    auto drops = std::make_unique<MatchingDrops>();
    drops->skeleton_.reset(matching_drops_bpf::open());
    if (!drops->skeleton_) return {};
    drops->skeleton_->rodata->with_filter = 1;
    drops->skeleton_->rodata->of_netns = netns;
    if (matching_drops_bpf::load(drops->skeleton_.get()) != 0) return {};
    return drops;
  }

  void attach(const Program& program) {
    link_.reset();
    auto loaded = load_filtered(skeleton_->progs.count_matching, program);
    ASSERT_TRUE(loaded) << loaded.error().what;
    program_ = std::move(*loaded);
    link_ = Descriptor(bpf_raw_tracepoint_open(nullptr, program_.get()));
    ASSERT_TRUE(link_.is_open()) << std::strerror(errno);
    skeleton_->bss->dropped = 0;
    skeleton_->bss->matched = 0;
  }

  void lose_all_from(const char* device) {
    bpf_tc_hook hook{.sz = sizeof hook,
                     .ifindex = static_cast<int>(if_nametoindex(device)),
                     .attach_point = BPF_TC_INGRESS};
    ASSERT_EQ(bpf_tc_hook_create(&hook), 0);
    bpf_tc_opts options{.sz = sizeof options, .prog_fd = bpf_program__fd(skeleton_->progs.lose)};
    ASSERT_EQ(bpf_tc_attach(&hook, &options), 0);
  }

  // A softirq may lag behind the system call that sent.
  std::uint64_t dropped_after(std::uint64_t at_least) {
    const volatile auto& dropped = skeleton_->bss->dropped;
    for (int wait = 0; wait < 2000 && dropped < at_least; ++wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return dropped;
  }
  std::uint64_t matched() {
    const volatile auto& matched = skeleton_->bss->matched;
    return matched;
  }

 private:
  struct Destroy {
    void operator()(matching_drops_bpf* skeleton) const { matching_drops_bpf::destroy(skeleton); }
  };
  std::unique_ptr<matching_drops_bpf, Destroy> skeleton_;
  Descriptor program_;
  Descriptor link_;
};

void send_to_closed_port(std::uint16_t port, int datagrams) {
  const Descriptor sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in nobody{};
  nobody.sin_family = AF_INET;
  nobody.sin_port = htons(port);
  nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int at = 0; at < datagrams; ++at) {
    EXPECT_EQ(sendto(sender.get(), "twelve bytes", 12, 0, reinterpret_cast<sockaddr*>(&nobody),
                     sizeof nobody),
              12);
  }
}

struct Expected {
  const char* filter;
  std::uint64_t matched;
};

// Each datagram is answered by an ICMP message, which the sender drops, too.
TEST(LiveFilter, OnlyDropsThatMatchAreCounted) {
  in_new_namespace([](std::uint32_t netns) {
    const auto drops = MatchingDrops::open(netns);
    if (!drops) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
    for (const auto& [filter, matched] :
         {Expected{"udp dst port 5401", 7}, Expected{"udp dst port 5402", 5},
          Expected{"udp and not port 5401", 5}, Expected{"udp", 12}, Expected{"tcp", 0},
          Expected{"udp and net 127.0.0.0/8 and ip[2:2] = 40 and len = 54", 12},
          Expected{"udp[8:4] = 0x7477656c", 12}}) {
      drops->attach(*compile(filter));
      send_to_closed_port(5401, 7);
      send_to_closed_port(5402, 5);
      EXPECT_GE(drops->dropped_after(12), 12U) << filter;
      EXPECT_EQ(drops->matched(), matched) << filter;
    }
  });
}

void send_frame(const Descriptor& raw, const char* device, std::span<const std::uint8_t> frame) {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(if_nametoindex(device));
  EXPECT_EQ(
      sendto(raw.get(), frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to),
      static_cast<ssize_t>(frame.size()))
      << std::strerror(errno);
}

// What the kernel makes of a frame on its way (it takes the first VLAN tag off, and pulls headers)
// must not show: the filter sees the frame as it was on the wire.
TEST(LiveFilter, FramesAreSeenAsTheyWereOnTheWire) {
  in_new_namespace([](std::uint32_t netns) {
    const auto drops = MatchingDrops::open(netns);
    if (!drops) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
    ASSERT_EQ(std::system("ip link add va type veth peer name vb && ip link set va up &&"
                          " ip link set vb up"),
              0);
    drops->lose_all_from("vb");
    const Descriptor raw(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    PacketMaker packets(7);
    std::uint64_t matched = 0;
    for (const auto* filter :
         {"vlan", "vlan 5", "vlan 5 and udp", "vlan and vlan", "vlan 7 and ip6",
          "ether src 02:00:00:00:00:01", "ip host 10.0.0.1", "ip6 and udp", "greater 100",
          "ether[12:2] = 0x8100 and ether[14:2] & 0xfff = 7", "arp", "port 53",
          "ip[6:2] & 0x1fff != 0", "tcp[tcpflags] & tcp-syn != 0", "ether[len - 1] = 0"}) {
      const auto program = compile(filter);
      ASSERT_TRUE(program) << filter;
      drops->attach(*program);
      std::uint64_t expected = 0;
      std::uint64_t sent = 0;
      for (int frame = 0; frame < 200; ++frame) {
        auto packet = packets.make(200);
        // A card pads; and a shorter one might break off inside a tag, which the kernel drops
        // early.
        packet.bytes.resize(std::max<std::size_t>(packet.bytes.size(), 60));
        send_frame(raw, "va", packet.bytes);
        const auto seen =
            std::span(packet.bytes).first(std::min<std::size_t>(packet.bytes.size(), 128));
        expected +=
            matches(*program, seen, static_cast<std::uint32_t>(packet.bytes.size())) ? 1 : 0;
        EXPECT_EQ(drops->dropped_after(++sent), sent) << filter;
        ASSERT_EQ(drops->matched(), expected) << filter << ", frame " << frame;
      }
      matched += expected;
    }
    EXPECT_GT(matched, 200U);
    std::printf("%llu of 3000 frames matched\n", static_cast<unsigned long long>(matched));
  });
}

// A tunnel device has no link header: one is made up, so that filters find the network's.
TEST(LiveFilter, APacketWithoutLinkHeaderGetsOne) {
  in_new_namespace([](std::uint32_t netns) {
    const auto drops = MatchingDrops::open(netns);
    if (!drops) GTEST_SKIP() << "cannot load BPF programs here: " << std::strerror(errno);
    const Descriptor tunnel(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    if (!tunnel.is_open()) GTEST_SKIP() << "/dev/net/tun: " << std::strerror(errno);
    ifreq request{};
    std::strcpy(request.ifr_name, "tun0");
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    ASSERT_EQ(ioctl(tunnel.get(), TUNSETIFF, &request), 0) << std::strerror(errno);
    ASSERT_EQ(std::system("ip address add 10.9.0.1/24 dev tun0 && ip link set tun0 up"), 0);
    // From 10.9.0.2 to 10.9.0.1, UDP from port 9 to port 5401, no data, checksum of the header
    // only.
    const auto datagram =
        std::to_array<std::uint8_t>({0x45, 0, 0,  28, 0, 0, 0, 0, 64,   17,   0x66, 0xbc, 10, 9,
                                     0,    2, 10, 9,  0, 1, 0, 9, 0x15, 0x19, 0,    8,    0,  0});
    for (const auto& [filter, matched] :
         {Expected{"udp dst port 5401", 3}, Expected{"udp dst port 5402", 0},
          Expected{"src host 10.9.0.2 and len = 42", 3}, Expected{"ether proto 0x800", 3},
          Expected{"ether src 00:00:00:00:00:00", 3}}) {
      drops->attach(*compile(filter));
      for (int packet = 0; packet < 3; ++packet) {
        ASSERT_EQ(write(tunnel.get(), datagram.data(), datagram.size()),
                  static_cast<ssize_t>(datagram.size()));
      }
      EXPECT_GE(drops->dropped_after(3), 3U) << filter;
      EXPECT_EQ(drops->matched(), matched) << filter;
    }
  });
}

}  // namespace
}  // namespace filter
