// pcapng -> packets: files of ours and of others, of which no length is believed.
//
// The reader is fed a file in pieces of any size and hands on each packet as soon as its block is
// whole, so a file of any length, or a pipe, is read in the memory of one block. Both byte orders,
// several sections, every resolution of time, and all three kinds of packet blocks are read; blocks
// of other kinds are skipped.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "formats/pcapng_fields.h"
#include "formats/pcapng_write.h"
#include "model/captured_packet.h"

namespace formats {

// How a file ended.
struct PcapngEnd {
  std::uint64_t packets = 0;
  // Where the last block begins, if the file ends inside it: its writer was killed, or still
  // writes.
  std::optional<std::uint64_t> cut_off_at;
  std::uint64_t unknown_sections = 0;  // of a version that is not known: skipped
  friend bool operator==(const PcapngEnd&, const PcapngEnd&) = default;
};

class PcapngReader {
 public:
  // False: enough, nothing more is wanted. The packet is there for the time of the call.
  using OnPacket = std::function<bool(const model::CapturedPacket&)>;
  using OnStatistics = std::function<void(const model::CaptureStatistics&)>;

  explicit PcapngReader(OnPacket on_packet, OnStatistics on_statistics = {});

  // Error: "at byte 1234: …", where the block begins that makes no sense; or "a pcap file, not
  // pcapng", "not a capture file". The packets before it were handed on; nothing after it can be.
  [[nodiscard]] base::Status feed(std::string_view piece);

  // After the last piece. Error: as feed(), or the file is empty.
  [[nodiscard]] base::Result<PcapngEnd> finish();

  [[nodiscard]] bool has_enough() const { return has_enough_; }

  // Who wrote the section that was read last.
  [[nodiscard]] const PcapngSource& source() const { return source_; }

 private:
  struct Interface {
    model::CaptureInterface name;
    std::uint32_t snaplen = 0;
    std::uint8_t resolution = 0;
    std::int64_t offset_s = 0;
  };

  // Takes what can be taken from the front of `rest`.
  base::Status consume(std::string_view& rest);
  base::Result<bool> take_block(std::string_view& rest);
  base::Status begin_section(std::string_view head);
  base::Status read_block(std::uint32_t type, std::string_view body);
  base::Status read_section(std::string_view body);
  base::Status read_interface(std::string_view body);
  base::Status read_packet(std::string_view body, bool is_old);
  base::Status read_simple_packet(std::string_view body);
  base::Status read_statistics(std::string_view body);
  base::Status read_packet_options(std::string_view options);
  void hand_on();
  [[nodiscard]] base::Result<const Interface*> interface_of(std::uint32_t id) const;
  [[nodiscard]] std::unexpected<base::Error> fault(const std::string& what) const;
  [[nodiscard]] std::int64_t time(const Interface& interface, std::uint64_t units) const;

  OnPacket on_packet_;
  OnStatistics on_statistics_;
  std::optional<base::Error> failed_;
  bool has_enough_ = false;

  std::string pending_;            // of a block that is not whole yet
  std::uint64_t block_at_ = 0;     // where the block begins that is being read
  std::uint64_t skip_ = 0;         // what is left of a block that nobody needs,
  std::uint32_t skip_length_ = 0;  // and its length, which must stand behind it; 0 = no such block

  pcapng::ByteOrder order_ = pcapng::ByteOrder::kLittle;
  bool is_known_version_ = true;
  PcapngSource source_;
  std::vector<Interface> interfaces_;
  model::CapturedPacket packet_;
  PcapngEnd end_;
};

}  // namespace formats
