// Packets as lines of JSON -> pcapng, and back: what pcapng.py compares with Wireshark's tools.
//
//   pcapng_driver write FILE [SNAPLEN [FILE-BYTES [FILES]]]   packets from standard input
//   pcapng_driver read FILE                                   packets, statistics and the end
//
// write flushes after each packet and answers with its number, so that the caller knows what must
// be in the file. Exit status: 0, 1 with the error on standard error, 2.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "formats/byte_text.h"
#include "formats/pcapng_file.h"

namespace {

using nlohmann::json;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    text += two;
  }
  return text;
}

std::string bytes_of_hex(const std::string& text) {
  std::string bytes;
  for (size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

model::CapturedPacket packet_of(const json& from) {
  const auto text = [&](const char* key) {
    return formats::bytes_of_text(from.value(key, std::string()));
  };
  model::CapturedPacket packet;
  packet.time_ns = from.value("time_ns", std::int64_t{0});
  packet.interface = {text("device"), text("netns"), text("netns_name"),
                      model::LinkType{from.value("link_type", std::uint16_t{1})}};
  packet.bytes = bytes_of_hex(from.value("bytes", std::string()));
  packet.original_bytes = from.value("original_bytes", 0U);
  packet.comments = from.value("comments", std::vector<std::string>());
  if (from.contains("direction")) {
    packet.direction = model::direction_named(from["direction"].get<std::string>());
  }
  if (from.contains("queue")) packet.queue = from["queue"].get<std::uint32_t>();
  packet.left_out = from.value("left_out", std::uint64_t{0});
  if (from.contains("verdict")) {
    packet.verdict = {model::ProgramVerdict::By{from["verdict"][0].get<std::uint8_t>()},
                      from["verdict"][1].get<std::uint64_t>()};
  }
  if (from.contains("packet_id")) packet.packet_id = from["packet_id"].get<std::uint64_t>();
  if (from.contains("task")) {
    packet.task = {from["task"][0].get<std::uint32_t>(), from["task"][1].get<std::uint32_t>()};
  }
  return packet;
}

json json_of(const model::CapturedPacket& packet) {
  const auto text = [](std::string_view bytes) { return formats::text_of_bytes(bytes); };
  json made = {{"time_ns", packet.time_ns},
               {"device", text(packet.interface.device)},
               {"netns", text(packet.interface.netns)},
               {"netns_name", text(packet.interface.netns_name)},
               {"link_type", static_cast<std::uint16_t>(packet.interface.link_type)},
               {"bytes", hex(packet.bytes)},
               {"original_bytes", packet.original_bytes},
               {"left_out", packet.left_out},
               {"comments", json::array()}};
  for (const auto& comment : packet.comments) made["comments"].push_back(text(comment));
  if (packet.direction) made["direction"] = model::name(*packet.direction);
  if (packet.queue) made["queue"] = *packet.queue;
  if (packet.verdict) {
    made["verdict"] = {static_cast<std::uint8_t>(packet.verdict->by), packet.verdict->action};
  }
  if (packet.packet_id) made["packet_id"] = *packet.packet_id;
  if (packet.task) made["task"] = {packet.task->pid, packet.task->tid};
  return made;
}

template <class Optional>
json or_null(const Optional& value) {
  return value ? json(*value) : json(nullptr);
}

int told(const base::Error& error) {
  std::cerr << error.what << '\n';
  return 1;
}

int write(formats::PcapngFile::Options options) {
  options.source = {"x86_64", "Linux 6.12.9", "whydrop 0.1.0"};
  auto file = formats::PcapngFile::create(options, 1'700'000'000'000'000'000);
  if (!file) return told(file.error());
  std::string line;
  for (int count = 1; std::getline(std::cin, line); ++count) {
    const auto written = file->write(packet_of(json::parse(line)));
    if (!written) return told(written.error());
    const auto flushed = file->flush();
    if (!flushed) return told(flushed.error());
    std::cerr << count << std::endl;
  }
  const auto closed = file->close(1'800'000'000'000'000'000);
  return closed ? 0 : told(closed.error());
}

int read(const std::string& path) {
  formats::PcapngReader reader(
      [](const model::CapturedPacket& packet) {
        std::cout << json_of(packet) << '\n';
        return true;
      },
      [](const model::CaptureStatistics& about) {
        std::cout << json{{"statistics", formats::text_of_bytes(about.interface.device)},
                          {"start_ns", or_null(about.start_ns)},
                          {"end_ns", or_null(about.end_ns)},
                          {"seen", or_null(about.seen)},
                          {"left_out", or_null(about.left_out)},
                          {"written", or_null(about.written)}}
                  << '\n';
      });
  const auto end = formats::read_pcapng_file(path, reader);
  if (!end) return told(end.error());
  std::cout << json{{"end", end->packets},
                    {"cut_off_at", or_null(end->cut_off_at)},
                    {"application", formats::text_of_bytes(reader.source().application)}}
            << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const std::string what = argc > 2 ? argv[1] : "";
  const auto number = [&](int at) { return argc > at ? std::strtoull(argv[at], nullptr, 10) : 0; };
  if (what == "read") return read(argv[2]);
  if (what == "write") {
    return write({.path = argv[2],
                  .source = {},
                  .snaplen = static_cast<std::uint32_t>(number(3)),
                  .file_bytes = number(4),
                  .files = static_cast<std::uint32_t>(number(5))});
  }
  std::cerr << "pcapng_driver: write FILE or read FILE\n";
  return 2;
}
