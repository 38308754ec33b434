// A source reads one kind of counter, configuration or socket; one file each, listed by the build.
//
// A source never starts another program, keeps no descriptor after it returns, and turns what it
// cannot read into a blind spot. Its parser is a function of its own, free of I/O, fed with captured
// kernel text in its test. A malformed line skips the line, not the file.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/netlink.h"
#include "model/counter.h"
#include "model/evidence.h"

namespace sources {

// What a source may touch. The calling thread is in the network namespace `netns`, or, without the
// right to enter it, `proc_net` leads there through a process and `can_use_netlink` is false.
struct Access {
  const base::Files& files;
  const base::Netlink& netlink;
  model::Inode netns;
  std::string proc_net = "/proc/thread-self/net";
  std::string proc_sys = "/proc/sys";
  bool can_use_netlink = true;
};

// What one look at one namespace (or the host) found.
struct Look {
  model::Snapshot counters;
  model::Snapshot gauges;
  std::vector<model::Device> devices;
  std::vector<model::Socket> sockets;
  std::map<std::string, std::string, std::less<>> settings;
  std::vector<model::KernelMessage> messages;  // at_s: since boot; observe makes it relative
  std::vector<model::BlindSpot> blind_spots;
};

enum class Scope : std::uint8_t { kHost, kNetns };

// How often it is read: at every point of the timeline (must cost well under 100 µs a namespace),
// or only at both ends of the window.
enum class Cadence : std::uint8_t { kEveryPoint, kBothEnds };

struct Source {
  std::string_view name;
  Scope scope = Scope::kNetns;
  Cadence cadence = Cadence::kBothEnds;
  // Reads into `look`; what cannot be read becomes a blind spot there.
  void (*read)(const Access& access, Look& look) = nullptr;
};

// Every source, sorted by name. Made by the build from this folder.
[[nodiscard]] std::span<const Source* const> all_sources();

}  // namespace sources
