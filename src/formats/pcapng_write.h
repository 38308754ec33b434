// Packets -> pcapng, the capture file that Wireshark and its tools read.
//
// pcapng was chosen over pcap because a packet's block holds comments, direction and verdict: why
// it was lost stands in Wireshark's own columns, and `frame.comment contains
// "reason=SOCKET_RCVBUFF"` finds it, without a plugin. This writer only makes bytes; PcapngFile
// brings them to disk.
//
// tcpdump reads it as well, up to the first interface whose packets begin with another header than
// those of the first one (libpcap 1.10 knows one link type per file).
//
// What Wireshark 4.0 does with a verdict (seen in 4.0.17): it shows it, but saves it under the
// number of the queue, and then refuses the file that it has saved. So a verdict is for who needs
// that field; the comments say as much.
//
// The file is in little-endian order on every machine: equal packets give equal bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "model/captured_packet.h"

namespace formats {

// Who made a file, where.
struct PcapngSource {
  std::string hardware;     // "x86_64"
  std::string os;           // "Linux 6.12.9"
  std::string application;  // "whydrop 0.1.0"
  friend bool operator==(const PcapngSource&, const PcapngSource&) = default;
};

// The longest that Wireshark reads of an Ethernet packet, and tcpdump's default.
inline constexpr std::uint32_t kMostPacketBytes = 262'144;

// Text from devices, processes and comments becomes valid UTF-8 without control characters (as
// base::printable does; line ends of comments stay), and what passes the 65,535 bytes of an option
// is cut. The name of a device or namespace stands unchanged in a Note of the interface's block.
class PcapngWriter {
 public:
  // `snaplen`: the most bytes to keep of a packet; 0 = kMostPacketBytes, which is also the most.
  PcapngWriter(PcapngSource source, std::uint32_t snaplen, std::int64_t start_ns);

  // The section header: once, at the start of a file.
  void append_header(std::string& out) const;

  // The packet's block; before it, the first time, the block of its interface.
  void append(const model::CapturedPacket& packet, std::string& out);

  // By how much `packet` makes the file longer, its interface's block and statistics included.
  [[nodiscard]] std::size_t bytes_of(const model::CapturedPacket& packet) const;
  // How long the statistics will be.
  [[nodiscard]] std::size_t statistics_bytes() const;

  // Counts events that were left out after the last packet of the interface.
  void add_left_out(const model::CaptureInterface& interface, std::uint64_t events,
                    std::string& out);

  // At the end of a file: of each interface, how many events were seen, left out and written.
  void append_statistics(std::int64_t end_ns, std::string& out) const;

 private:
  struct Known {
    std::uint32_t id = 0;
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;
  };

  Known& known(const model::CaptureInterface& interface, std::string& out);
  void append_interface(const model::CaptureInterface& interface, std::string& out) const;
  void append_packet(const model::CapturedPacket& packet, std::uint32_t interface,
                     std::string& out) const;

  PcapngSource source_;
  std::uint32_t snaplen_;
  std::int64_t start_ns_;
  std::map<model::CaptureInterface, Known> interfaces_;
};

}  // namespace formats
