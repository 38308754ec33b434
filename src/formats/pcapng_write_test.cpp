// What is written is read by our own reader here; tests/pcapng.sh has Wireshark's tools read it.
#include "formats/pcapng_write.h"

#include <gmock/gmock.h>

#include "formats/note.h"
#include "formats/pcapng_outcome.h"
#include "formats/random_packet.h"

namespace formats {
namespace {

using model::CapturedPacket;
using model::CaptureStatistics;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const PcapngSource kSource = {"x86_64", "Linux 6.12.9", "whydrop 0.1.0"};

Outcome read_whole(std::string_view file) {
  auto outcome = read_at_once(file);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.end.cut_off_at, std::nullopt);
  return outcome;
}

std::string file_of(const std::vector<CapturedPacket>& packets, std::uint32_t snaplen = 0) {
  PcapngWriter writer(kSource, snaplen, 1);
  std::string file;
  writer.append_header(file);
  for (const auto& packet : packets) writer.append(packet, file);
  writer.append_statistics(2, file);
  return file;
}

CapturedPacket packet(const std::string& device, const std::string& bytes = "frame") {
  CapturedPacket made;
  made.time_ns = 1'700'000'000'123'456'789;
  made.interface.device = device;
  made.bytes = bytes;
  made.original_bytes = static_cast<std::uint32_t>(bytes.size());
  return made;
}

// The layout, byte by byte, as the draft draws it.
TEST(PcapngWrite, LayoutOfASmallFile) {
  PcapngWriter writer({"", "", "w"}, 96, 0);
  std::string file;
  writer.append_header(file);
  EXPECT_EQ(file, std::string("\x0a\x0d\x0d\x0a\x28\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0"
                              "\xff\xff\xff\xff\xff\xff\xff\xff"
                              "\x04\0\x01\0w\0\0\0\0\0\0\0\x28\0\0\0",
                              40));
  file.clear();
  auto made = packet("e");
  made.direction = model::Direction::kSend;
  writer.append(made, file);
  const auto at = file.find(std::string("\x06\0\0\0\x34\0\0\0", 8));
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(file.substr(at), std::string("\x06\0\0\0\x34\0\0\0"
                                         "\0\0\0\0\xfe\x9c\x97\x17\x15\xcd\x85\x3d"
                                         "\x05\0\0\0\x05\0\0\0frame\0\0\0"
                                         "\x02\0\x04\0\x02\0\0\0\0\0\0\0\x34\0\0\0",
                                         52));
}

TEST(PcapngWrite, AnyPacketComesBack) {
  RandomPackets random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<CapturedPacket> packets;
    for (auto left = random.below(20); left > 0; --left) packets.push_back(random.make());
    const auto outcome = read_whole(file_of(packets));
    ASSERT_EQ(outcome.packets, packets);
    ASSERT_EQ(outcome.source, kSource);
  }
}

TEST(PcapngWrite, EqualPacketsGiveEqualBytes) {
  RandomPackets one(7);
  RandomPackets other(7);
  EXPECT_EQ(file_of({one.make(), one.make()}), file_of({other.make(), other.make()}));
}

TEST(PcapngWrite, AnInterfaceIsDescribedOnce) {
  const auto raw = [] {
    auto made = packet("eth0");
    made.interface.link_type = model::LinkType::kRawIp;
    return made;
  }();
  const auto file = file_of({packet("eth0"), raw, packet("eth0"), raw});
  const std::string_view sentence = "begin with the IP header";
  const auto first = file.find(sentence);
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(file.find(sentence, first + 1), std::string::npos);
  const auto outcome = read_whole(file);
  EXPECT_EQ(outcome.packets[1].interface.link_type, model::LinkType::kRawIp);
  EXPECT_THAT(outcome.statistics, SizeIs(2));
}

TEST(PcapngWrite, TheSameNameInTwoNamespacesIsTwoInterfaces) {
  auto one = packet("eth0");
  auto other = packet("eth0");
  one.interface.netns_name = "web";
  one.interface.netns = "4026532000";
  other.interface.netns = "4026532001";
  const auto file = file_of({one, other});
  EXPECT_THAT(file, HasSubstr("eth0 in network namespace web"));
  EXPECT_THAT(file, HasSubstr("eth0 in network namespace 4026532001"));
  EXPECT_THAT(read_whole(file).packets, ElementsAre(one, other));
}

TEST(PcapngWrite, NoMoreThanSnaplenIsKept) {
  auto made = packet("eth0", std::string(1500, 'x'));
  made.original_bytes = 64'000;
  const auto kept = read_whole(file_of({made}, 96)).packets.at(0);
  EXPECT_THAT(kept.bytes, SizeIs(96));
  EXPECT_EQ(kept.original_bytes, 64'000);
  made.bytes = std::string(kMostPacketBytes + 5, 'x');
  made.original_bytes = 0;
  const auto longest = read_whole(file_of({made})).packets.at(0);
  EXPECT_THAT(longest.bytes, SizeIs(kMostPacketBytes));
  EXPECT_EQ(longest.original_bytes, kMostPacketBytes + 5) << "never less than what was there";
}

TEST(PcapngWrite, CommentsAreCleanAndFit) {
  auto made = packet("eth0");
  made.comments = {"two\nlines", "\x1b[31mred\xff", std::string(70'000, 'y') + "z",
                   std::string(65'534, 'y') + "\xc3\xa9", ""};
  const auto comments = read_whole(file_of({made})).packets.at(0).comments;
  EXPECT_THAT(comments, ElementsAre("two\nlines", R"(\x1b[31mred\xff)", std::string(65'535, 'y'),
                                    std::string(65'534, 'y'), ""));
}

TEST(PcapngWrite, CommentsWithoutEndStayInABlockThatCanBeRead) {
  auto made = packet("eth0");
  made.comments.assign(1000, std::string(70'000, 'y'));
  const auto comments = read_whole(file_of({made})).packets.at(0).comments;
  EXPECT_GT(comments.size(), 10U);
  EXPECT_LT(comments.size(), 20U);
}

TEST(PcapngWrite, NamesAreCleanForOthersAndExactForUs) {
  const std::string device("e\x1b[2J\0\xff", 7);
  auto made = packet(device);
  made.interface.netns_name = "a b\"=";
  const auto file = file_of({made});
  EXPECT_THAT(file, HasSubstr(R"(e\x1b[2J\x00\xff in network namespace a b"=)"));
  EXPECT_THAT(file, Not(HasSubstr("\x1b")));
  EXPECT_EQ(read_whole(file).packets.at(0).interface, made.interface);
}

TEST(PcapngWrite, ATimeBefore1970IsWrittenAsItsBegin) {
  auto made = packet("eth0");
  made.time_ns = -5;
  EXPECT_EQ(read_whole(file_of({made})).packets.at(0).time_ns, 0);
}

TEST(PcapngWrite, StatisticsAddUp) {
  PcapngWriter writer(kSource, 0, 1000);
  std::string file;
  writer.append_header(file);
  auto made = packet("eth0");
  made.left_out = 5;
  writer.append(made, file);
  writer.append(made, file);
  writer.add_left_out(made.interface, 7, file);
  writer.add_left_out(packet("quiet").interface, 3, file);
  writer.append_statistics(9000, file);
  const auto statistics = read_whole(file).statistics;
  EXPECT_THAT(statistics, ElementsAre(CaptureStatistics{.interface = made.interface,
                                                        .start_ns = 1000,
                                                        .end_ns = 9000,
                                                        .seen = 19,
                                                        .dropped_by_interface = {},
                                                        .left_out = 17,
                                                        .written = 2},
                                      CaptureStatistics{.interface = packet("quiet").interface,
                                                        .start_ns = 1000,
                                                        .end_ns = 9000,
                                                        .seen = 3,
                                                        .dropped_by_interface = {},
                                                        .left_out = 3,
                                                        .written = 0}));
}

TEST(PcapngWrite, GrowthIsKnownBefore) {
  RandomPackets random(3);
  PcapngWriter writer(kSource, 200, 1);
  std::string file;
  writer.append_header(file);
  size_t expected = file.size();
  for (int round = 0; round < 500; ++round) {
    const auto made = random.make();
    expected += writer.bytes_of(made);
    writer.append(made, file);
    ASSERT_EQ(file.size() + writer.statistics_bytes(), expected);
  }
  writer.append_statistics(2, file);
  EXPECT_EQ(file.size(), expected);
}

}  // namespace
}  // namespace formats
