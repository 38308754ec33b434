// Evidence: all that was seen of a host in a window, and nothing that was concluded from it.
//
// It is the one door between the kernel and the diagnosis: whatever stands here can be saved,
// replayed without root and put into a test. Text in it is as the kernel gave it (untrusted);
// outputs make it printable.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/counter.h"
#include "model/netns.h"
#include "model/socket.h"
#include "model/stage.h"
#include "model/timeline.h"

namespace model {

struct Host {
  std::string id;  // hash of the machine-id
  std::string name;
  std::string arch;
  std::string os;
  std::string kernel;
  std::string virt;  // "none" on bare metal
  std::string boot_id;
  std::uint64_t uptime_s = 0;
  int cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::map<std::string, std::string> labels;
  friend bool operator==(const Host&, const Host&) = default;
};

struct Window {
  std::int64_t start_wall_ns = 0;  // since the Unix epoch
  std::int64_t duration_ns = 0;
  std::int64_t traced_ns = 0;  // how long drops were traced
  std::int64_t skew_ns = 0;    // longest time between reading the tallies and the last counter
  std::string origin = "live";
  std::string kind = "increment";
  std::string reference;
  std::string interface;  // the one device that the user asked about; "" = all
  std::optional<int> child_status;
  bool interrupted = false;
  struct Gap {
    double from_s = 0;
    double to_s = 0;
    friend bool operator==(const Gap&, const Gap&) = default;
  };
  std::vector<Gap> gaps;
  friend bool operator==(const Window&, const Window&) = default;
};

// What was dropped in one slot of 10 ms.
struct BurstSlot {
  std::uint32_t slot = 0;  // 10 ms each, since the start of the window
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;           // skb->len where it died: the data, at a socket
  std::uint64_t truesize_bytes = 0;  // as the kernel charges them to a socket buffer
  friend bool operator==(const BurstSlot&, const BurstSlot&) = default;
};

// Drops by (location, reason, device, namespace, protocol, port), counted in the kernel, exactly.
struct DropTally {
  std::string symbol;  // "udp_queue_rcv_one_skb"; "0x…" where symbols cannot be read
  std::uint64_t offset = 0;
  std::string module;  // "" for the kernel itself
  std::string reason;  // "SOCKET_RCVBUFF"; "" on kernels without reasons
  Inode netns;         // "" = could not be known
  std::uint32_t ifindex = 0;
  std::uint16_t protocol = 0;  // ethertype, host order; 0 = not set
  std::uint16_t port = 0;      // local port of the receiving UDP socket; 0 = none or not UDP
  // No device of this namespace had received it (skb_iif is 0): behind the first receive hook that
  // means that it was made here and was on its way out.
  bool made_here = false;
  // A TCP segment that asks for a connection (SYN without ACK). Known of what no socket took, and
  // of all where the kernel gives no reasons.
  bool opens_connection = false;
  std::uint64_t events = 0;   // kfree_skb events
  std::uint64_t packets = 0;  // wire packets: GSO segments counted
  std::uint64_t bytes = 0;
  std::uint64_t truesize_bytes = 0;
  std::vector<std::uint64_t> series;  // packets per interval of the timeline
  std::vector<std::uint64_t> by_cpu;  // packets on CPU 0, 1, …, up to the last that dropped
  std::vector<BurstSlot> bursts;      // only slots in which something was dropped
  bool bursts_complete = true;        // false: some slots were overwritten before they were read
  friend bool operator==(const DropTally&, const DropTally&) = default;
};

struct Flow {
  std::string protocol;  // "udp", "tcp", "icmp", or the IP protocol number
  std::string source;
  std::uint16_t source_port = 0;
  std::string destination;
  std::uint16_t destination_port = 0;
  friend auto operator<=>(const Flow&, const Flow&) = default;
};

// One dropped packet's story.
struct DropSample {
  std::int64_t at_ns = 0;   // since the start of the window
  std::uint32_t tally = 0;  // index into DropTrace::tallies
  std::uint32_t cpu = 0;
  std::uint32_t length_bytes = 0;
  std::string headers_hex;  // from the link-layer or network header, up to 96 bytes
  std::optional<Flow> flow;
  std::vector<std::string> stack;          // "symbol+0xoffset", innermost first
  std::uint64_t socket_cookie = 0;         // 0 = none
  std::uint64_t socket_inode = 0;          // 0 = none
  std::uint32_t receive_queue_bytes = 0;   // sk_rmem_alloc at that moment
  std::uint32_t receive_buffer_bytes = 0;  // sk_rcvbuf
  std::uint64_t cgroup = 0;                // of the socket, 0 = none
  std::string comm;                        // running on that CPU: often not the owner
  friend bool operator==(const DropSample&, const DropSample&) = default;
};

struct DropTrace {
  // "tp_btf", "tracepoint", "drop_monitor", or "" where drops could not be traced.
  std::string rung;
  std::vector<DropTally> tallies;
  std::vector<DropSample> samples;
  std::uint64_t events_sampled = 0;
  std::uint64_t events_left_out = 0;   // wanted a sample, none was taken
  std::uint64_t outside_table = 0;     // drops that found no place in the table
  std::uint64_t recursion_misses = 0;  // drops that the kernel did not show to the program
  std::uint64_t map_bytes = 0;         // memory of the BPF maps
  std::vector<std::string> other_tracers;
  friend bool operator==(const DropTrace&, const DropTrace&) = default;
};

// A route that drops what it matches.
struct SpecialRoute {
  Inode netns;
  std::string type;         // "blackhole", "prohibit", "unreachable"
  std::string destination;  // "10.55.0.0/16"
  std::string table;        // "main", "local", "default" or its number
  std::uint32_t metric = 0;
  friend bool operator==(const SpecialRoute&, const SpecialRoute&) = default;
};

// What the kernel says when asked where a packet like this goes.
struct RouteLookup {
  Inode netns;
  std::string source;
  std::string destination;
  std::uint32_t from_ifindex = 0;  // the device that it came in by; 0 = made here
  // The answer: a type ("unicast", "local", …) with device and gateway, or the errno's name as the
  // kernel returned it ("ENETUNREACH", "EINVAL").
  std::string type;
  std::string error;
  std::uint32_t ifindex = 0;  // the device that it leaves by
  std::string gateway;        // "" = the destination itself is the next hop
  friend bool operator==(const RouteLookup&, const RouteLookup&) = default;
};

// An entry of the ARP or neighbour discovery table.
struct Neighbour {
  Inode netns;
  std::uint32_t ifindex = 0;
  std::string address;
  std::string state;       // "incomplete", "failed", "reachable", "permanent", …
  std::string link_layer;  // "" = not known
  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// A program or filter that sees every packet of a device.
struct PathProgram {
  Inode netns;
  std::uint32_t ifindex = 0;
  std::string hook;        // "xdp-native", "xdp-generic", "xdp-offload", "tc-ingress", "tc-egress"
  std::string kind;        // "bpf", or the kind of a tc filter without a program ("u32")
  std::uint32_t id = 0;    // of the BPF program; 0 = none
  std::string name;        // of the BPF program
  std::string tag;         // of the BPF program, hexadecimal
  std::string attachment;  // where in the hook: "pref 49152 handle 0x1", "tcx 1 of 2"
  friend bool operator==(const PathProgram&, const PathProgram&) = default;
};

// A chain of the firewall, with what in it can drop.
struct FirewallChain {
  Inode netns;
  std::string backend;  // "nftables", "iptables"
  std::string family;   // "ip", "ip6", "inet", "arp", "bridge", "netdev"
  std::string table;
  std::string name;
  std::string hook;    // "prerouting", "input", …; "" = entered from other chains only
  std::string device;  // of a chain of family netdev
  std::int32_t priority = 0;
  std::string policy;                 // "accept", "drop"; "" where there is none
  std::uint32_t drop_rules = 0;       // rules whose verdict is drop
  std::vector<std::string> leads_to;  // chains that its rules jump or go to
  friend bool operator==(const FirewallChain&, const FirewallChain&) = default;
};

struct KernelMessage {
  double at_s = 0;   // since the start of the window
  std::string kind;  // "table-full", "syn-flood", "tx-timeout", "allocation-failure", "link"
  std::string text;
  friend bool operator==(const KernelMessage&, const KernelMessage&) = default;
};

// Something that could not be measured, why, and what would make it possible.
struct BlindSpot {
  std::string what;
  std::string why;
  std::string enable;
  std::vector<Stage> stages;  // the stages it hides
  friend bool operator==(const BlindSpot&, const BlindSpot&) = default;
};

// How whydrop would get the rights that its blind spots name.
struct Grant {
  std::string command;   // for root to type; "" = none would help
  std::string obstacle;  // what no command can give, and why; "" = nothing
  friend bool operator==(const Grant&, const Grant&) = default;
};

struct Cost {
  double cpu_ms = 0;
  std::uint64_t max_rss_kib = 0;
  friend bool operator==(const Cost&, const Cost&) = default;
};

// Every number at which the diagnosis turns. Saved with the evidence, so that a replay judges as
// the live run did.
struct Thresholds {
  // Lost packets per packet received or sent from which a loss is critical, not a warning.
  double critical_loss_ratio = 0.01;
  // A loss smaller than this many packets is still a finding, never critical.
  std::uint64_t critical_loss_packets = 100;
  // Packets refused or dropped by policy are a warning, not a notice, from this many and this share
  // of the traffic on.
  std::uint64_t notable_refusal_packets = 20;
  double notable_refusal_ratio = 0.01;
  // Retransmitted segments per segment sent from which TCP is said to suffer.
  double retransmission_ratio = 0.01;
  // Share of the window's 10 ms slots with drops from which the drops are steady, not bursts.
  double steady_slot_share = 0.5;
  // Of what was lost since the host was started, a smaller share of the packets than this is a
  // notice: it cannot be told from a bad minute long ago.
  double passing_loss_ratio = 0.0001;
  // A receive queue that is never emptier than this share of its buffer is standing.
  double standing_queue_share = 0.5;
  // Room added to a measured need when a buffer is sized.
  double headroom = 1.25;
  // A queue that delays its last packet longer than this is no remedy for a burst.
  double acceptable_queue_delay_s = 0.5;
  friend bool operator==(const Thresholds&, const Thresholds&) = default;
};

struct Evidence {
  std::string version;  // of whydrop
  Host host;
  Window window;
  Thresholds thresholds;
  std::vector<Netns> netns;
  std::vector<Device> devices;
  Timeline timeline;
  DropTrace drops;
  std::vector<Socket> sockets;
  // Read only where a diagnosis asks for it: see model/question.h.
  std::vector<SpecialRoute> special_routes;
  std::vector<RouteLookup> route_lookups;
  std::vector<Neighbour> neighbours;
  std::vector<PathProgram> path_programs;
  std::vector<FirewallChain> firewall_chains;
  // Configuration as text: sysctl.net.core.rmem_max{shared="host"} -> "212992".
  std::map<std::string, std::string, std::less<>> settings;
  std::vector<KernelMessage> kernel_messages;
  std::vector<BlindSpot> blind_spots;
  Grant grant;
  Cost cost;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// The window is all the time since the host was started, and its counters are totals: how they grew
// in that time is not known.
[[nodiscard]] bool is_since_boot(const Window& window);
// The device, or null.
[[nodiscard]] const Device* find_device(const Evidence& evidence, const Inode& netns,
                                        std::uint32_t ifindex);
[[nodiscard]] const Netns* find_netns(const Evidence& evidence, const Inode& netns);
// False where the user asked about some namespaces only.
[[nodiscard]] bool all_netns_selected(const Evidence& evidence);
// Drops were traced, but by a rung that does not see in which namespace, and at which device.
[[nodiscard]] bool traced_without_places(const Evidence& evidence);
// The number that a setting holds, or nothing where it was not read or is not a number.
[[nodiscard]] std::optional<std::uint64_t> number_setting(const Evidence& evidence,
                                                          std::string_view id);

}  // namespace model
