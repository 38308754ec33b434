// Each append_ function writes whole blocks. A block's length stands before and behind its body, so
// it is filled in when the body is there.

#include "formats/pcapng_write.h"

#include <algorithm>
#include <concepts>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "formats/note.h"
#include "formats/pcapng_codes.h"

namespace formats {
namespace {

using namespace pcapng;

constexpr size_t kMostOptionBytes = 65'535;
// Of one packet, so that its block stays within kMostBlockBytes.
constexpr size_t kMostCommentBytes = size_t{1} << 20;
// A block's frame, the interface and the time, five options of 8 bytes, and the end of options.
constexpr size_t kStatisticsBytes = kBlockFrame + 12 + size_t{5} * 12 + 4;

void put(std::string& out, std::unsigned_integral auto number) {
  char bytes[sizeof number];
  for (size_t at = 0; at < sizeof number; ++at) {
    bytes[at] = static_cast<char>((std::uint64_t{number} >> (8 * at)) & 0xff);
  }
  out.append(bytes, sizeof number);
}

void pad(std::string& out, size_t written) {
  out.append((4 - written % 4) % 4, '\0');
}

// A time is two words, the upper one first, in either byte order.
void put_time(std::string& out, std::int64_t time_ns) {
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(time_ns, 0));
  put(out, static_cast<std::uint32_t>(time >> 32));
  put(out, static_cast<std::uint32_t>(time));
}

// A block from its type to its second length, which the destructor writes.
class Block {
 public:
  Block(std::string& out, BlockType type) : out_(out), start_(out.size()) {
    put(out_, std::uint32_t{type});
    put(out_, std::uint32_t{0});
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    const auto length = static_cast<std::uint32_t>(out_.size() - start_ + sizeof(std::uint32_t));
    put(out_, length);
    out_.replace(start_ + sizeof(std::uint32_t), sizeof length, out_, out_.size() - sizeof length,
                 sizeof length);
  }

  void option(std::uint16_t code, std::string_view value) {
    put(out_, code);
    put(out_, static_cast<std::uint16_t>(value.size()));
    out_ += value;
    pad(out_, value.size());
  }

  void option(std::uint16_t code, std::unsigned_integral auto number) {
    std::string value;
    put(value, number);
    option(code, value);
  }

  void time_option(std::uint16_t code, std::int64_t time_ns) {
    std::string value;
    put_time(value, time_ns);
    option(code, value);
  }

  // Nothing where `text` is empty: an absent name is not a name without letters.
  void name_option(std::uint16_t code, std::string_view text) {
    if (!text.empty()) text_option(code, base::printable(text));
  }

  void comment(std::string_view text) {
    std::string clean;
    for (const auto line : base::split(text, '\n')) {
      if (line.data() != text.data()) clean += '\n';
      clean += base::printable(line);
    }
    text_option(kComment, clean);
  }

  void end_options() { option(kEndOfOptions, std::string_view()); }

 private:
  void text_option(std::uint16_t code, std::string_view clean) {
    if (clean.size() > kMostOptionBytes) {
      size_t end = kMostOptionBytes;
      while ((static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) --end;
      clean = clean.substr(0, end);
    }
    option(code, clean);
  }

  std::string& out_;
  size_t start_;
};

std::string description(const model::CaptureInterface& interface) {
  std::string text = interface.device.empty() ? "no known device" : interface.device;
  if (!interface.netns_name.empty()) {
    text += " in network namespace " + interface.netns_name;
  } else if (!interface.netns.empty()) {
    text += " in network namespace " + interface.netns;
  }
  if (interface.link_type == model::LinkType::kRawIp) {
    text += "; these packets had no Ethernet header, they begin with the IP header";
  }
  return text;
}

Note note(const model::CaptureInterface& interface) {
  Note facts;
  facts.set("dev", interface.device);
  if (!interface.netns_name.empty()) facts.set("netns", interface.netns_name);
  if (!interface.netns.empty()) facts.set("netns_inode", interface.netns);
  return facts;
}

std::uint32_t flags(const model::CapturedPacket& packet) {
  if (!packet.direction) return 0;
  return *packet.direction == model::Direction::kReceive ? kInbound : kOutbound;
}

std::string verdict_value(const model::ProgramVerdict& verdict) {
  std::string value;
  put(value, static_cast<std::uint8_t>(verdict.by));
  put(value, verdict.action);
  return value;
}

std::string task_value(const model::TaskId& task) {
  std::string value;
  put(value, task.pid);
  put(value, task.tid);
  return value;
}

}  // namespace

PcapngWriter::PcapngWriter(PcapngSource source, std::uint32_t snaplen, std::int64_t start_ns)
    : source_(std::move(source)),
      snaplen_(snaplen == 0 ? kMostPacketBytes : std::min(snaplen, kMostPacketBytes)),
      start_ns_(start_ns) {}

void PcapngWriter::append_header(std::string& out) const {
  Block block(out, kSectionBlock);
  put(out, kByteOrderMagic);
  put(out, kMajorVersion);
  put(out, std::uint16_t{0});
  put(out, kNoSectionLength);
  block.name_option(kHardware, source_.hardware);
  block.name_option(kOperatingSystem, source_.os);
  block.name_option(kApplication, source_.application);
  block.end_options();
}

void PcapngWriter::append_interface(const model::CaptureInterface& interface,
                                    std::string& out) const {
  Block block(out, kInterfaceBlock);
  put(out, static_cast<std::uint16_t>(interface.link_type));
  put(out, std::uint16_t{0});
  put(out, snaplen_);
  block.comment(note(interface).text());
  block.name_option(kName, interface.device);
  block.name_option(kDescription, description(interface));
  block.option(kTimeResolution, kNanoseconds);
  block.name_option(kInterfaceOs, source_.os);
  block.end_options();
}

void PcapngWriter::append_packet(const model::CapturedPacket& packet, std::uint32_t interface,
                                 std::string& out) const {
  const auto kept = std::string_view(packet.bytes).substr(0, snaplen_);
  const auto whole = std::min<size_t>(packet.bytes.size(), 0xffffffff);
  Block block(out, kPacketBlock);
  put(out, interface);
  put_time(out, packet.time_ns);
  put(out, static_cast<std::uint32_t>(kept.size()));
  put(out, std::max(packet.original_bytes, static_cast<std::uint32_t>(whole)));
  out += kept;
  pad(out, kept.size());
  const size_t start = out.size();
  for (const auto& comment : packet.comments) {
    if (out.size() - start > kMostCommentBytes) break;
    block.comment(comment);
  }
  if (packet.direction) block.option(kFlags, flags(packet));
  if (packet.left_out > 0) block.option(kDropCount, packet.left_out);
  if (packet.packet_id) block.option(kPacketId, *packet.packet_id);
  if (packet.queue) block.option(kQueue, *packet.queue);
  if (packet.verdict) block.option(kVerdict, verdict_value(*packet.verdict));
  if (packet.task) block.option(kProcessAndThread, task_value(*packet.task));
  block.end_options();
}

PcapngWriter::Known& PcapngWriter::known(const model::CaptureInterface& interface,
                                         std::string& out) {
  const auto [found, is_new] = interfaces_.try_emplace(interface);
  if (is_new) {
    found->second.id = static_cast<std::uint32_t>(interfaces_.size() - 1);
    append_interface(interface, out);
  }
  return found->second;
}

void PcapngWriter::append(const model::CapturedPacket& packet, std::string& out) {
  auto& interface = known(packet.interface, out);
  ++interface.written;
  interface.left_out += packet.left_out;
  append_packet(packet, interface.id, out);
}

size_t PcapngWriter::bytes_of(const model::CapturedPacket& packet) const {
  std::string blocks;
  append_packet(packet, 0, blocks);
  if (interfaces_.contains(packet.interface)) return blocks.size();
  append_interface(packet.interface, blocks);
  return blocks.size() + kStatisticsBytes;
}

size_t PcapngWriter::statistics_bytes() const {
  return interfaces_.size() * kStatisticsBytes;
}

void PcapngWriter::add_left_out(const model::CaptureInterface& interface, std::uint64_t events,
                                std::string& out) {
  known(interface, out).left_out += events;
}

void PcapngWriter::append_statistics(std::int64_t end_ns, std::string& out) const {
  for (const auto& [interface, counted] : interfaces_) {
    Block block(out, kStatisticsBlock);
    put(out, counted.id);
    put_time(out, end_ns);
    block.time_option(kStartTime, start_ns_);
    block.time_option(kEndTime, end_ns);
    block.option(kReceived, counted.written + counted.left_out);
    block.option(kDroppedBySystem, counted.left_out);
    block.option(kDelivered, counted.written);
    block.end_options();
  }
}

}  // namespace formats
