// A source reads one kind of counter, configuration or socket; one file each, listed by the build.
//
// A source never starts another program, keeps no descriptor after it returns, and turns what it
// cannot read into a blind spot. Its parser is a function of its own, free of I/O, fed with
// captured kernel text in its test. A malformed line skips the line, not the file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/netlink.h"
#include "model/counter.h"
#include "model/evidence.h"
#include "model/question.h"

namespace sources {

// What the sources saw of one namespace (or the host) at the last point, in the kernel's own bytes,
// under keys of their choice. Observe keeps one per namespace over the window and only hands it on:
// what did not change is not told again, so that the 430 counters of an idle namespace cost a few
// comparisons of text instead of 430 look-ups in the timeline.
using Memory = std::map<std::string, std::string, std::less<>>;

// The hardware behind a network device, on its bus ("virtio", "virtio2"; "pci", "0000:00:03.0").
struct Hardware {
  model::Inode netns;
  std::string device;
  std::string bus;
  std::string parent;
};

// What a source may touch. The calling thread is in the network namespace `netns`, or, without the
// right to enter it, `proc_net` leads there through a process and `can_use_netlink` is false.
struct Access {
  const base::Files& files;
  const base::Netlink& netlink;
  model::Inode netns;
  std::string proc_net = "/proc/thread-self/net";
  std::string proc_sys = "/proc/sys";
  bool can_use_netlink = true;
  // Null: everything is told (the last point of a window, a snapshot). Otherwise only counters and
  // gauges that are new or changed since the last read with the same memory are told (the first
  // read with an empty memory tells everything); devices and sockets are told always.
  Memory* memory = nullptr;
  // What is asked, for a source of Cadence::kWhenAsked; null for the others.
  const model::Question* question = nullptr;
  // The devices of the namespace, and the hardware behind some of them, where the source `link` was
  // here before: for sources of Cadence::kBothEnds and kInventory. Of the whole host for its own.
  std::span<const model::Device> devices = {};
  std::span<const Hardware> hardware = {};
};

// An address of a device of the namespace that was looked at: "10.0.0.1/24".
struct DeviceAddress {
  model::Inode netns;
  std::uint32_t ifindex = 0;
  std::string address;
};

// The link-layer addresses of both ends of a veth pair, seen from the end in `netns`.
struct VethEnds {
  model::Inode netns;
  std::uint32_t ifindex = 0;
  std::string own;
  std::string peers;
};

// What one look at one namespace (or the host) found.
struct Look {
  model::Snapshot counters;
  model::Snapshot gauges;
  std::vector<model::Device> devices;
  std::vector<DeviceAddress> addresses;  // observe puts them to their devices
  std::vector<model::Socket> sockets;
  std::map<std::string, std::string, std::less<>> settings;
  std::vector<VethEnds> veth_ends;
  std::vector<Hardware> hardware;  // from kernels that tell it (5.14)
  // From sources of Cadence::kWhenAsked.
  std::vector<model::SpecialRoute> special_routes;
  std::vector<model::RouteLookup> route_lookups;
  std::vector<model::Neighbour> neighbours;
  std::vector<model::PathProgram> path_programs;
  std::vector<model::FirewallChain> firewall_chains;
  std::vector<model::KernelMessage> messages;  // at_s: since boot; observe makes it relative
  // Worded without the namespace: those of many namespaces are equal and can be folded.
  std::vector<model::BlindSpot> blind_spots;
};

enum class Scope : std::uint8_t { kHost, kNetns };

// How often it is read: at every point of the timeline (must cost well under 100 µs a namespace);
// what counts, at both ends of the window; how things are set, likewise; what happened in the
// window, at its end; only for the whole picture, a snapshot; only when a diagnosis asks.
enum class Cadence : std::uint8_t {
  kEveryPoint,
  kBothEnds,
  kSettings,
  kAtEnd,
  kInventory,
  kWhenAsked
};

struct Source {
  std::string_view name;
  Scope scope = Scope::kNetns;
  Cadence cadence = Cadence::kBothEnds;
  // Reads into `look`; what cannot be read becomes a blind spot there.
  void (*read)(const Access& access, Look& look) = nullptr;
  // For Cadence::kWhenAsked: the question that it answers. Its scope is the namespace.
  std::optional<model::Question::Kind> answers = {};
};

// "{netns=\"4026531840\"}": what follows the name in the id of a counter of this namespace.
[[nodiscard]] std::string netns_labels(const Access& access);

// The bytes that `key` held in the memory, and `now` in their place; "" without memory or the
// first time.
[[nodiscard]] std::string recall(Memory* memory, std::string_view key, std::string_view now);

// Whether `key` held the same at the last look. Never without memory, where everything is told.
[[nodiscard]] bool is_unchanged(Memory* memory, std::string_view key, std::string_view now);

// Notes in `look` that `what` could not be read and which stages that hides.
void tell_blind(Look& look, std::string what, const base::Error& error,
                std::vector<model::Stage> stages);

// Every source, sorted by name. Made by the build from this folder.
[[nodiscard]] std::span<const Source* const> all_sources();

}  // namespace sources
