// The frame of blocks is taken apart in consume() and take_block(): a block is skipped or handed,
// once it is whole, to the read_ function of its type. A block whose length is wrong ends the
// reading, since where the next begins is not known then; one whose inside is wrong ends it, too:
// what made it so may have made others so that do not show it.

#include "formats/pcapng_read.h"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/note.h"
#include "formats/pcapng_codes.h"

namespace formats {
namespace {

using namespace pcapng;

// Type, length, and the byte-order mark of a section's.
constexpr size_t kBlockHead = 12;
constexpr size_t kLengthBytes = sizeof(std::uint32_t);
// What is appended to a block that is not whole yet, at a time.
constexpr size_t kSlice = size_t{64} << 10;
// An interface takes more memory here than in the file. No host has had as many.
constexpr size_t kMostInterfaces = size_t{1} << 20;
constexpr size_t kMostComments = 1024;

// Fixed parts of bodies.
constexpr size_t kSectionHead = 16;
constexpr size_t kInterfaceHead = 8;
constexpr size_t kPacketHead = 20;
constexpr size_t kSimplePacketHead = 4;
constexpr size_t kStatisticsHead = 12;

constexpr std::string_view kSectionType = "\x0a\x0d\x0d\x0a";

bool is_pcap(std::string_view start) {
  // Microseconds, nanoseconds, and Kuznetzov's format, in either byte order.
  constexpr std::array<std::string_view, 6> kMarks = {"\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1",
                                                      "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1",
                                                      "\xa1\xb2\xcd\x34", "\x34\xcd\xb2\xa1"};
  return std::ranges::find(kMarks, start.substr(0, 4)) != kMarks.end();
}

base::Status check_start(std::string_view start) {
  if (start.starts_with(kSectionType)) return {};
  if (is_pcap(start)) {
    return base::failure("a pcap file, not pcapng", "'editcap -F pcapng OLD NEW' makes one of it");
  }
  if (start.starts_with("\x1f\x8b")) return base::failure("packed by gzip", "unpack it first");
  return base::failure(start.empty() ? "the file is empty" : "not a capture file");
}

bool is_needed(std::uint32_t type) {
  return type == kSectionBlock || type == kInterfaceBlock || type == kPacketBlock ||
         type == kOldPacketBlock || type == kSimplePacketBlock || type == kStatisticsBlock;
}

std::optional<model::Direction> direction_of(std::uint32_t flags) {
  if ((flags & kDirectionBits) == kInbound) return model::Direction::kReceive;
  if ((flags & kDirectionBits) == kOutbound) return model::Direction::kSend;
  return {};
}

std::optional<model::ProgramVerdict> verdict_of(std::string_view value, ByteOrder order) {
  constexpr size_t kLength = 9;
  if (value.size() != kLength) return {};
  const auto by = static_cast<model::ProgramVerdict::By>(value[0]);
  if (by != model::ProgramVerdict::By::kTc && by != model::ProgramVerdict::By::kXdp) return {};
  return model::ProgramVerdict{by, number_at<std::uint64_t>(value, 1, order)};
}

// Of a file of ours, the note holds the names as the kernel gave them.
void read_note(std::string_view comment, model::CaptureInterface& interface) {
  const auto note = Note::parse(comment);
  if (!note) return;
  if (const auto device = note->find("dev")) interface.device = *device;
  if (const auto netns = note->find("netns_inode")) interface.netns = *netns;
  if (const auto name = note->find("netns")) interface.netns_name = *name;
}

}  // namespace

PcapngReader::PcapngReader(OnPacket on_packet, OnStatistics on_statistics)
    : on_packet_(std::move(on_packet)), on_statistics_(std::move(on_statistics)) {}

std::unexpected<base::Error> PcapngReader::fault(const std::string& what) const {
  return base::failure("at byte " + std::to_string(block_at_) + ": " + what);
}

base::Status PcapngReader::feed(std::string_view piece) {
  while (!piece.empty() && !has_enough_ && !failed_) {
    const bool is_direct = pending_.empty();
    const auto slice = is_direct ? piece : piece.substr(0, kSlice);
    if (!is_direct) pending_ += slice;
    std::string_view rest = is_direct ? slice : pending_;
    const auto taken = consume(rest);
    if (!taken) failed_ = taken.error();
    piece.remove_prefix(slice.size());
    if (is_direct) {
      pending_ = rest;
    } else {
      pending_.erase(0, pending_.size() - rest.size());
    }
  }
  if (failed_) return std::unexpected(*failed_);
  return {};
}

base::Result<PcapngEnd> PcapngReader::finish() {
  if (failed_) return std::unexpected(*failed_);
  if (has_enough_) return end_;
  if (block_at_ == 0) TRY(check_start(pending_));
  if (!pending_.empty() || skip_length_ > 0) end_.cut_off_at = block_at_;
  return end_;
}

base::Status PcapngReader::consume(std::string_view& rest) {
  while (!has_enough_) {
    if (skip_ > 0) {
      const auto skipped = static_cast<size_t>(std::min<std::uint64_t>(skip_, rest.size()));
      rest.remove_prefix(skipped);
      skip_ -= skipped;
      if (skip_ > 0) return {};
    }
    if (skip_length_ > 0) {
      if (rest.size() < kLengthBytes) return {};
      if (number_at<std::uint32_t>(rest, 0, order_) != skip_length_) {
        return fault("the block's two lengths differ");
      }
      rest.remove_prefix(kLengthBytes);
      block_at_ += std::exchange(skip_length_, 0);
    }
    if (!TRY(take_block(rest))) return {};
  }
  return {};
}

// False: more bytes are needed.
base::Result<bool> PcapngReader::take_block(std::string_view& rest) {
  if (rest.size() < kBlockHead) return false;
  if (block_at_ == 0) TRY(check_start(rest));
  if (rest.starts_with(kSectionType)) TRY(begin_section(rest));
  const auto type = number_at<std::uint32_t>(rest, 0, order_);
  const auto length = number_at<std::uint32_t>(rest, kLengthBytes, order_);
  if (length < kBlockFrame || length % 4 != 0) {
    return fault("no block is " + std::to_string(length) + " bytes long");
  }
  if (!is_needed(type) || (!is_known_version_ && type != kSectionBlock)) {
    skip_ = length - kLengthBytes;
    skip_length_ = length;
    return true;
  }
  if (length > kMostBlockBytes) {
    return fault("a block of " + std::to_string(length) + " bytes, longer than any packet");
  }
  if (rest.size() < length) return false;
  if (number_at<std::uint32_t>(rest, length - kLengthBytes, order_) != length) {
    return fault("the block's two lengths differ");
  }
  TRY(read_block(type, rest.substr(2 * kLengthBytes, length - kBlockFrame)));
  rest.remove_prefix(length);
  block_at_ += length;
  return true;
}

// The byte order must be known before the length can be read.
base::Status PcapngReader::begin_section(std::string_view head) {
  if (number_at<std::uint32_t>(head, 8, ByteOrder::kLittle) == kByteOrderMagic) {
    order_ = ByteOrder::kLittle;
  } else if (number_at<std::uint32_t>(head, 8, ByteOrder::kBig) == kByteOrderMagic) {
    order_ = ByteOrder::kBig;
  } else {
    return fault("the section has no byte-order mark");
  }
  return {};
}

base::Status PcapngReader::read_block(std::uint32_t type, std::string_view body) {
  switch (type) {
    case kSectionBlock:
      return read_section(body);
    case kInterfaceBlock:
      return read_interface(body);
    case kSimplePacketBlock:
      return read_simple_packet(body);
    case kStatisticsBlock:
      return read_statistics(body);
    default:
      return read_packet(body, type == kOldPacketBlock);
  }
}

base::Status PcapngReader::read_section(std::string_view body) {
  if (body.size() < kSectionHead) return fault("a section header that is too short");
  interfaces_.clear();
  source_ = {};
  // Minor version 2 was written by some; it is no other format.
  const auto minor = number_at<std::uint16_t>(body, 6, order_);
  is_known_version_ =
      number_at<std::uint16_t>(body, 4, order_) == kMajorVersion && (minor == 0 || minor == 2);
  if (!is_known_version_) {
    ++end_.unknown_sections;
    return {};
  }
  const auto each = [&](std::uint16_t code, std::string_view value) {
    if (code == kHardware) source_.hardware = text_of(value);
    if (code == kOperatingSystem) source_.os = text_of(value);
    if (code == kApplication) source_.application = text_of(value);
  };
  if (!for_each_option(body.substr(kSectionHead), order_, each)) {
    return fault("an option is longer than its block");
  }
  return {};
}

base::Status PcapngReader::read_interface(std::string_view body) {
  if (body.size() < kInterfaceHead) return fault("an interface description that is too short");
  if (interfaces_.size() >= kMostInterfaces) return fault("more interfaces than any host has");
  Interface interface;
  interface.name.link_type =
      static_cast<model::LinkType>(number_at<std::uint16_t>(body, 0, order_));
  interface.snaplen = number_at<std::uint32_t>(body, 4, order_);
  interface.resolution = kMicroseconds;
  std::string_view description;
  std::string_view comment;
  // Ignoring these would make times wrong that look right.
  bool is_time_sound = true;
  const auto each = [&](std::uint16_t code, std::string_view value) {
    if (code == kComment && comment.empty()) comment = text_of(value);
    if (code == kName) interface.name.device = text_of(value);
    if (code == kDescription) description = text_of(value);
    if (code == kTimeResolution) {
      is_time_sound = is_time_sound && value.size() == 1;
      if (is_time_sound) interface.resolution = static_cast<std::uint8_t>(value[0]);
    } else if (code == kTimeOffset) {
      is_time_sound = is_time_sound && value.size() == sizeof interface.offset_s;
      if (!is_time_sound) return;
      interface.offset_s = static_cast<std::int64_t>(number_at<std::uint64_t>(value, 0, order_));
    }
  };
  if (!for_each_option(body.substr(kInterfaceHead), order_, each)) {
    return fault("an option is longer than its block");
  }
  if (!is_time_sound)
    return fault("the interface's resolution or offset of time has a wrong length");
  if (interface.name.device.empty()) interface.name.device = description;
  read_note(comment, interface.name);
  interfaces_.push_back(std::move(interface));
  return {};
}

base::Result<const PcapngReader::Interface*> PcapngReader::interface_of(std::uint32_t id) const {
  if (id < interfaces_.size()) return &interfaces_[id];
  return fault("interface " + std::to_string(id) + " was not described before");
}

std::int64_t PcapngReader::time(const Interface& interface, std::uint64_t units) const {
  return nanoseconds_of(units, interface.resolution, interface.offset_s);
}

base::Status PcapngReader::read_packet(std::string_view body, bool is_old) {
  if (body.size() < kPacketHead) return fault("a packet's block that is too short");
  const auto id = is_old ? number_at<std::uint16_t>(body, 0, order_)
                         : number_at<std::uint32_t>(body, 0, order_);
  const auto* interface = TRY(interface_of(id));
  const auto captured = number_at<std::uint32_t>(body, 12, order_);
  if (captured > body.size() - kPacketHead) return fault("a packet is longer than its block");
  packet_.interface = interface->name;
  packet_.time_ns = time(*interface, time_at(body, 4, order_));
  packet_.original_bytes = std::max(number_at<std::uint32_t>(body, 16, order_), captured);
  packet_.bytes = body.substr(kPacketHead, captured);
  TRY(read_packet_options(body.substr(kPacketHead + padded(captured))));
  if (is_old) {
    constexpr std::uint16_t kNotCounted = 0xffff;
    const auto drops = number_at<std::uint16_t>(body, 2, order_);
    packet_.left_out = drops == kNotCounted ? 0 : drops;
  }
  hand_on();
  return {};
}

base::Status PcapngReader::read_packet_options(std::string_view options) {
  packet_.comments.clear();
  packet_.direction.reset();
  packet_.queue.reset();
  packet_.left_out = 0;
  packet_.verdict.reset();
  packet_.packet_id.reset();
  packet_.task.reset();
  const auto each = [&](std::uint16_t code, std::string_view value) {
    if (code == kComment && packet_.comments.size() < kMostComments) {
      packet_.comments.emplace_back(text_of(value));
    } else if (code == kFlags && value.size() == 4) {
      packet_.direction = direction_of(number_at<std::uint32_t>(value, 0, order_));
    } else if (code == kDropCount && value.size() == 8) {
      packet_.left_out = number_at<std::uint64_t>(value, 0, order_);
    } else if (code == kPacketId && value.size() == 8) {
      packet_.packet_id = number_at<std::uint64_t>(value, 0, order_);
    } else if (code == kQueue && value.size() == 4) {
      packet_.queue = number_at<std::uint32_t>(value, 0, order_);
    } else if ((code == kVerdict || code == kQueue) && !packet_.verdict) {
      // Wireshark 4.0 writes a verdict under the number of the queue (seen in 4.0.17).
      packet_.verdict = verdict_of(value, order_);
    } else if (code == kProcessAndThread && value.size() == 8) {
      packet_.task = model::TaskId{number_at<std::uint32_t>(value, 0, order_),
                                   number_at<std::uint32_t>(value, 4, order_)};
    }
  };
  if (!for_each_option(options, order_, each)) return fault("an option is longer than its block");
  return {};
}

// Of the section's first interface, without a time; its length must be worked out.
base::Status PcapngReader::read_simple_packet(std::string_view body) {
  if (body.size() < kSimplePacketHead) return fault("a packet's block that is too short");
  const auto* interface = TRY(interface_of(0));
  const auto original = number_at<std::uint32_t>(body, 0, order_);
  const auto captured = interface->snaplen == 0 ? original : std::min(original, interface->snaplen);
  if (captured > body.size() - kSimplePacketHead) return fault("a packet is longer than its block");
  packet_ = {};
  packet_.interface = interface->name;
  packet_.original_bytes = original;
  packet_.bytes = body.substr(kSimplePacketHead, captured);
  hand_on();
  return {};
}

void PcapngReader::hand_on() {
  ++end_.packets;
  has_enough_ = !on_packet_(packet_);
}

base::Status PcapngReader::read_statistics(std::string_view body) {
  if (body.size() < kStatisticsHead) return fault("an interface's statistics that are too short");
  const auto* interface = TRY(interface_of(number_at<std::uint32_t>(body, 0, order_)));
  model::CaptureStatistics statistics;
  statistics.interface = interface->name;
  const auto each = [&](std::uint16_t code, std::string_view value) {
    if (value.size() != sizeof(std::uint64_t)) return;
    const auto number = number_at<std::uint64_t>(value, 0, order_);
    const auto moment = time(*interface, time_at(value, 0, order_));
    if (code == kStartTime) statistics.start_ns = moment;
    if (code == kEndTime) statistics.end_ns = moment;
    if (code == kReceived) statistics.seen = number;
    if (code == kDroppedByInterface) statistics.dropped_by_interface = number;
    if (code == kDroppedBySystem) statistics.left_out = number;
    if (code == kDelivered) statistics.written = number;
  };
  if (!for_each_option(body.substr(kStatisticsHead), order_, each)) {
    return fault("an option is longer than its block");
  }
  if (on_statistics_) on_statistics_(statistics);
  return {};
}

}  // namespace formats
