// The parts of bench/storm.sh that need a program. CPU pins the process; probe and empty print
// "attached" when they are.
//
//   storm send ADDRESS PORT SECONDS CPU
//       sends UDP as fast as one CPU can; prints how many were sent
//   storm probe SECONDS [CPU]
//       the drops probe, read every 100 ms; prints what it booked
//   storm empty SECONDS
//       an empty program on the tracepoint
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "bench/empty.skel.h"
#include "host/drop_reasons.h"
#include "host/symbols.h"
#include "probes/drops/drops.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

int complain(const std::string& what) {
  fmt::print(stderr, "storm: {}\n", what);
  return 2;
}

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

// Of this process, softirqs that ran on its back included.
double cpu_milliseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto part = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return part(usage.ru_utime) + part(usage.ru_stime);
}

// The clock is looked at once in so many packets.
constexpr int kPacketsPerLook = 256;

int send_storm(const std::string& address, std::uint16_t port, int seconds) {
  const base::Descriptor socket_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  if (!socket_fd.is_open() ||
      connect(socket_fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    return complain("cannot reach " + address);
  }
  const std::array<char, 64> payload{};
  std::uint64_t sent = 0;
  const double cpu_before = cpu_milliseconds();
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  while (Clock::now() < end) {
    for (int packet = 0; packet < kPacketsPerLook; ++packet) {
      if (send(socket_fd.get(), payload.data(), payload.size(), 0) > 0) ++sent;
    }
  }
  const std::chrono::duration<double> took = Clock::now() - start;
  const double packets = static_cast<double>(sent);
  say(fmt::format("sent {} seconds {:.3f} pps {:.0f} cpu_ns {:.1f}", sent, took.count(),
                  packets / took.count(), (cpu_milliseconds() - cpu_before) * 1e6 / packets));
  return 0;
}

void print_books(const model::DropTrace& trace) {
  for (const model::DropTally& tally : trace.tallies) {
    say(fmt::format("booked {} netns {} reason {} at {}+0x{:x}", tally.packets, tally.netns,
                    tally.reason, tally.symbol, tally.offset));
  }
  say(fmt::format("misses {} outside {} sampled {} left_out {} map_bytes {} cpu_ms {:.0f}",
                  trace.recursion_misses, trace.outside_table, trace.events_sampled,
                  trace.events_left_out, trace.map_bytes, cpu_milliseconds()));
}

int watch_drops(int seconds, const probes::drops::Options& options) {
  const auto files = base::system_files();
  const auto clock = base::system_clock();
  const auto reasons = host::DropReasons::read(*files);
  if (!reasons) return complain(reasons.error().what);
  auto attached = probes::drops::attach(options, *reasons);
  if (!attached) return complain(attached.error().what);
  const auto& probe = attached->probe;
  probe->start(clock->monotonic());
  say("attached");
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  while (Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(100));
    probe->poll();
  }
  const auto symbols = host::Symbols::read(*files);
  const auto trace = probe->finish(symbols ? &*symbols : nullptr, *reasons,
                                   [](const model::Inode&) { return true; });
  if (!trace) return complain(trace.error().what);
  print_books(*trace);
  return 0;
}

int attach_empty(int seconds) {
  empty_bpf* skeleton = empty_bpf::open_and_load();
  if (skeleton == nullptr || empty_bpf::attach(skeleton) != 0) return complain("cannot attach");
  say("attached");
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  empty_bpf::destroy(skeleton);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const auto number = [&](size_t at) {
    return at < words.size() ? base::parse_number<int>(words[at]).value_or(-1) : -1;
  };
  const std::string job = words.empty() ? "" : words[0];
  if (job == "send" && words.size() == 5) {
    pin(number(4));
    return send_storm(words[1], static_cast<std::uint16_t>(number(2)), number(3));
  }
  if (job == "probe" && words.size() >= 2) {
    if (number(2) >= 0) pin(number(2));
    return watch_drops(number(1), {});
  }
  if (job == "empty" && words.size() == 2) return attach_empty(number(1));
  return complain("usage: see the top of bench/storm.cpp");
}
