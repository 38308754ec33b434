// The first bytes of one packet and what is known of it, as capture files hold it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/netns.h"
#include "model/stage.h"

namespace model {

// What a packet's bytes begin with: a LINKTYPE_ number of the pcap registry. Files of others hold
// other numbers than these.
enum class LinkType : std::uint16_t {
  kEthernet = 1,
  // The IPv4 or IPv6 header. A packet that is sent has no Ethernet header before the neighbour is
  // known, and a received one may have lost it: its own link type is better than a made-up header.
  kRawIp = 101,
  // A cooked header that names the ethertype: for what is neither Ethernet nor IP.
  kLinuxSll = 113,
};

// Where a packet was seen. One device whose packets begin with different headers is two of these.
struct CaptureInterface {
  std::string device;      // "eth0"; "" = not known
  Inode netns;             // "" = not known
  std::string netns_name;  // "web"; "" = it has none
  LinkType link_type = LinkType::kEthernet;
  friend auto operator<=>(const CaptureInterface&, const CaptureInterface&) = default;
};

// What a program decided about a packet.
struct ProgramVerdict {
  enum class By : std::uint8_t { kTc = 1, kXdp = 2 };
  By by = By::kXdp;
  std::uint64_t action = 0;  // TC_ACT_*, or enum xdp_action (1 = XDP_DROP)
  friend bool operator==(const ProgramVerdict&, const ProgramVerdict&) = default;
};

struct TaskId {
  std::uint32_t pid = 0;  // 0 = not known
  std::uint32_t tid = 0;  // 0 = not known
  friend bool operator==(const TaskId&, const TaskId&) = default;
};

struct CapturedPacket {
  std::int64_t time_ns = 0;  // since the Unix epoch; 0 where a file gives packets no time
  CaptureInterface interface;
  std::string bytes;
  std::uint32_t original_bytes = 0;  // length of the whole packet, never less than of `bytes`
  // Text for programs and people. Of ours, the first is a formats::Note, the others sentences.
  std::vector<std::string> comments;
  std::optional<Direction> direction;
  std::optional<std::uint32_t> queue;
  // Events of this interface since its previous packet that were left out; 0 = none, or not known.
  std::uint64_t left_out = 0;
  std::optional<ProgramVerdict> verdict;
  std::optional<std::uint64_t> packet_id;  // the same packet, seen twice, has the same
  std::optional<TaskId> task;
  friend bool operator==(const CapturedPacket&, const CapturedPacket&) = default;
};

// What became of an interface's packets. An absent number was not counted.
struct CaptureStatistics {
  CaptureInterface interface;
  std::optional<std::int64_t> start_ns;  // since the Unix epoch
  std::optional<std::int64_t> end_ns;
  std::optional<std::uint64_t> seen;
  std::optional<std::uint64_t> dropped_by_interface;
  std::optional<std::uint64_t> left_out;
  std::optional<std::uint64_t> written;
  friend bool operator==(const CaptureStatistics&, const CaptureStatistics&) = default;
};

}  // namespace model
