// Two network namespaces with a wire between them that only the test's thread knows, a firewall in
// each that loses what the test wants lost, and the probe that watches. Needs root and eBPF, else
// tests are skipped.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "probes/drops/live_fixture.h"
#include "probes/retransmits/retransmits.h"

namespace probes::retransmits {

using drops::kernel_from;
using Counts = std::map<std::string, std::uint64_t, std::less<>>;

// "Tcp: A B" above "Tcp: 1 2" -> {"A": 1, "B": 2}, of all protocols.
inline void add_counts(Counts& counts, std::string_view text) {
  const auto lines = base::lines(text);
  for (std::size_t at = 0; at + 1 < lines.size(); at += 2) {
    const auto names = base::words(lines[at]);
    const auto values = base::words(lines[at + 1]);
    for (std::size_t column = 1; column < std::min(names.size(), values.size()); ++column) {
      counts[std::string(names[0]) + std::string(names[column])] =
          base::parse_number(values[column]).value_or(0);
    }
  }
}

// One end of the wire. Invariant: the namespace lives as long as this.
class Side {
 public:
  // Makes a new namespace, and leaves the thread in it.
  void make() {
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    handle_ = base::Descriptor(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    ASSERT_GE(handle_.get(), 0);
    inode_ = std::to_string(files_->inode("/proc/thread-self/ns/net").value_or(0));
  }

  void enter() const { ASSERT_EQ(setns(handle_.get(), CLONE_NEWNET), 0); }

  void run(const std::string& command) const {
    enter();
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  // Loses what arrives and matches, until accept_all().
  void lose(const std::string& match) const {
    run("nft 'add table inet t; add chain inet t c { type filter hook prerouting priority -300; }; "
        "add rule inet t c " +
        match + " drop'");
  }
  void lose_on_its_way_out(const std::string& match) const {
    run("nft 'add table inet t; add chain inet t o { type filter hook output priority 0; }; "
        "add rule inet t o " +
        match + " drop'");
  }
  void accept_all() const { run("nft delete table inet t"); }

  [[nodiscard]] Counts counts() const {
    enter();
    Counts counts;
    for (const char* file : {"snmp", "netstat"}) {
      add_counts(counts, files_->read(std::string("/proc/thread-self/net/") + file).value_or(""));
    }
    return counts;
  }

  [[nodiscard]] const model::Inode& inode() const { return inode_; }
  [[nodiscard]] int handle() const { return handle_.get(); }

 private:
  std::unique_ptr<base::Files> files_ = base::system_files();
  base::Descriptor handle_;
  model::Inode inode_;
};

inline void milliseconds(int time) {
  std::this_thread::sleep_for(std::chrono::milliseconds(time));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] sockaddr* plain() { return reinterpret_cast<sockaddr*>(&storage); }
};

inline Address address_of(const char* text, std::uint16_t port) {
  Address address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    address.length = sizeof *four;
  } else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    address.length = sizeof *six;
  }
  return address;
}

inline constexpr const char* kClientAddress = "192.0.2.1";
inline constexpr const char* kServerAddress = "192.0.2.2";
inline constexpr const char* kServerAddress6 = "fd00::2";

// The client's side and the server's, and the wire.
class World {
 public:
  Side client;
  Side server;

  void make() {
    server.make();
    client.make();
    client.run("ip link add wda0 type veth peer name wdb0");
    client.run("ip link set wdb0 netns /proc/" + std::to_string(getpid()) + "/fd/" +
               std::to_string(server.handle()));
    for (const auto& [side, device, last] :
         {std::tuple(&client, "wda0", "1"), std::tuple(&server, "wdb0", "2")}) {
      const std::string name = device;
      const std::string end = last;
      side->run("ip address add 192.0.2." + end + "/24 dev " + name);
      side->run("ip -6 address add fd00::" + end + "/64 dev " + name + " nodad");
      side->run("ip link set lo up && ip link set " + name + " up");
    }
    milliseconds(50);  // a veth's carrier
  }

  [[nodiscard]] base::Descriptor listen_on(const char* address, std::uint16_t port) {
    server.enter();
    Address local = address_of(address, port);
    base::Descriptor socket = tcp_socket(local);
    const int yes = 1;
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    EXPECT_EQ(bind(socket.get(), local.plain(), local.length), 0) << strerror(errno);
    EXPECT_EQ(listen(socket.get(), 16), 0);
    return socket;
  }

  // Begins to connect; does not wait for it.
  [[nodiscard]] base::Descriptor knock_at(const char* address, std::uint16_t port) {
    client.enter();
    Address remote = address_of(address, port);
    base::Descriptor socket = tcp_socket(remote);
    const bool refused = connect(socket.get(), remote.plain(), remote.length) != 0;
    EXPECT_TRUE(!refused || errno == EINPROGRESS) << strerror(errno);
    return socket;
  }

 private:
  static base::Descriptor tcp_socket(const Address& address) {
    return base::Descriptor(
        socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  }
};

inline bool wait_for(int socket, short events, int timeout_ms) {
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  return poll(&waiting, 1, timeout_ms) == 1;
}

// Both ends of a connection from the client to the server.
struct Connection {
  base::Descriptor listener;
  base::Descriptor from;
  base::Descriptor to;

  void make(World& world, const char* address = kServerAddress, std::uint16_t port = 5001) {
    listener = world.listen_on(address, port);
    from = world.knock_at(address, port);
    ASSERT_TRUE(wait_for(listener.get(), POLLIN, 3000));
    to = base::Descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    ASSERT_GE(to.get(), 0);
    ASSERT_TRUE(wait_for(from.get(), POLLOUT, 3000));
  }

  // A round there and back, so that the round trip's time is known.
  void exchange() const {
    char byte = 'x';
    for (int round = 0; round < 10; ++round) {
      ASSERT_EQ(send(from.get(), &byte, 1, MSG_NOSIGNAL), 1);
      ASSERT_TRUE(wait_for(to.get(), POLLIN, 3000));
      ASSERT_EQ(recv(to.get(), &byte, 1, 0), 1);
      ASSERT_EQ(send(to.get(), &byte, 1, MSG_NOSIGNAL), 1);
      ASSERT_TRUE(wait_for(from.get(), POLLIN, 3000));
      ASSERT_EQ(recv(from.get(), &byte, 1, 0), 1);
    }
  }

  void send_bytes(std::size_t bytes) const {
    const std::string data(bytes, 'x');
    ASSERT_EQ(send(from.get(), data.data(), bytes, MSG_NOSIGNAL), static_cast<ssize_t>(bytes));
  }

  // As fast as it goes, for so long. Returns the bytes that arrived.
  [[nodiscard]] std::uint64_t flood(std::chrono::milliseconds time) const {
    const std::string data(65536, 'x');
    std::string arrived(1 << 18, '\0');
    std::uint64_t bytes = 0;
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      const bool full = send(from.get(), data.data(), data.size(), MSG_NOSIGNAL) <= 0;
      const ssize_t got = recv(to.get(), arrived.data(), arrived.size(), 0);
      if (got > 0) bytes += static_cast<std::uint64_t>(got);
      if (full && got <= 0) wait_for(to.get(), POLLIN, 5);
    }
    return bytes;
  }
};

class LiveRetransmits : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    if (std::system("nft --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "needs nft";
    attach_with({});
    auto reasons = host::read_reset_reasons(*files_);
    ASSERT_TRUE(reasons);
    reasons_ = *reasons;
  }

  void attach_with(const Options& options) {
    auto attached = attach(options);
    if (!attached) GTEST_SKIP() << attached.error().what;
    probe_ = std::move(*attached);
  }

  // Runs `body` between two new namespaces that go with it.
  void in_a_world(const std::function<void(World&)>& body) {
    std::thread([&] {
      World world;
      world.make();
      if (HasFatalFailure()) return;
      body(world);
    }).join();
  }

  // Polls at a moment at which nothing is retransmitted, so that both see the same.
  std::pair<Counts, Counts> settle(World& world) {
    std::pair<Counts, Counts> counts;
    for (int attempt = 0; attempt < 50; ++attempt) {
      counts = {world.client.counts(), world.server.counts()};
      milliseconds(5);
      probe_->poll();
      const bool still =
          counts.first["Tcp:RetransSegs"] == world.client.counts()["Tcp:RetransSegs"] &&
          counts.second["Tcp:RetransSegs"] == world.server.counts()["Tcp:RetransSegs"];
      if (still) return counts;
    }
    ADD_FAILURE() << "retransmissions never stopped";
    return counts;
  }

  model::Retransmissions finish() {
    const host::Symbols* symbols = symbols_ ? &*symbols_ : nullptr;
    auto result = probe_->finish({.symbols = symbols,
                                  .reset_reasons = &reasons_,
                                  .known_netns = [](const auto&) { return true; }});
    EXPECT_TRUE(result);
    return result ? *result : model::Retransmissions{};
  }

  std::unique_ptr<base::Files> files_ = base::system_files();
  std::unique_ptr<base::Clock> clock_ = base::system_clock();
  std::optional<host::Symbols> symbols_;
  host::ResetReasons reasons_;
  model::Retransmissions probe_result_;  // of a test that must finish before its sockets close
  std::unique_ptr<Probe> probe_;
};

// Others on this host may retransmit as well.
template <class Told>
std::vector<Told> only_in(const model::Inode& netns, std::vector<Told> all,
                          const std::function<const model::Inode&(const Told&)>& netns_of) {
  std::erase_if(all, [&](const Told& one) { return netns_of(one) != netns; });
  return all;
}

inline auto flows_in(const model::Retransmissions& result, const model::Inode& netns) {
  return only_in<model::RetransmittingFlow>(
      netns, result.flows, [](const auto& flow) -> const auto& { return flow.netns; });
}

inline auto samples_in(const model::Retransmissions& result, const model::Inode& netns) {
  return only_in<model::RetransmissionSample>(
      netns, result.samples, [](const auto& sample) -> const auto& { return sample.moment.netns; });
}

inline auto reset_samples_in(const model::Retransmissions& result, const model::Inode& netns) {
  return only_in<model::ResetSample>(
      netns, result.reset_samples,
      [](const auto& sample) -> const auto& { return sample.moment.netns; });
}

// Segments of the namespace's flows, of one kind or of all.
inline std::uint64_t segments_in(const model::Retransmissions& result, const model::Inode& netns,
                                 std::optional<model::RetransmissionKind> kind = {}) {
  std::uint64_t segments = 0;
  for (const auto& flow : result.flows) {
    if (flow.netns != netns) continue;
    segments += kind ? flow.segments[static_cast<std::size_t>(*kind)] : segments_of(flow);
  }
  return segments;
}

// The kernel's own sums of the namespace, of all and by kind, are those of its flows.
inline void expect_all_told(const model::Retransmissions& result, const model::Inode& netns,
                            const Counts& counts) {
  using enum model::RetransmissionKind;
  const auto counted = [&](std::string_view name) {
    const auto found = counts.find(name);
    return found != counts.end() ? found->second : 0;
  };
  EXPECT_EQ(result.outside_segments, 0U);
  EXPECT_EQ(segments_in(result, netns), counted("Tcp:RetransSegs"));
  EXPECT_EQ(segments_in(result, netns, kSyn) + segments_in(result, netns, kSynAck),
            counted("TcpExt:TCPSynRetrans"));
  EXPECT_EQ(segments_in(result, netns, kOther), 0U);
  std::uint64_t refused = 0;
  for (const auto& flow : result.flows) refused += flow.netns == netns ? flow.refused : 0;
  if (refused != 0) return;
  // Of these the kernel counts only those that were sent. Where it did not run our program at an
  // event (seen in interrupts of some processes, without a word in recursion_misses), the socket's
  // count still has the segments, but not their kind.
  const std::uint64_t fast = segments_in(result, netns, kFast);
  const std::uint64_t loss = segments_in(result, netns, kLoss);
  const std::uint64_t unseen = segments_in(result, netns, kUnseen);
  EXPECT_LE(fast, counted("TcpExt:TCPFastRetrans"));
  EXPECT_LE(loss, counted("TcpExt:TCPSlowStartRetrans"));
  EXPECT_GE(fast + loss + unseen,
            counted("TcpExt:TCPFastRetrans") + counted("TcpExt:TCPSlowStartRetrans"));
  EXPECT_LE(unseen, counted("Tcp:RetransSegs") / 5);
  EXPECT_LE(segments_in(result, netns, kLossProbe), counted("TcpExt:TCPLossProbes"));
  EXPECT_LE(segments_in(result, netns, kTimeout), counted("TcpExt:TCPTimeouts"));
}

}  // namespace probes::retransmits
