// Files of others; those of ours are in pcapng_write_test.cpp, those that lie in
// pcapng_hostile_test.cpp.
#include "formats/pcapng_read.h"

#include <gmock/gmock.h>

#include <limits>

#include "formats/foreign_capture.h"
#include "formats/pcapng_outcome.h"

namespace formats {
namespace {

using model::CapturedPacket;
using model::CaptureStatistics;
using pcapng::ByteOrder;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InEitherOrder : public testing::TestWithParam<ByteOrder> {
 protected:
  [[nodiscard]] static ForeignCapture capture() { return ForeignCapture(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Order, InEitherOrder, testing::Values(ByteOrder::kLittle, ByteOrder::kBig),
                         [](const auto& about) {
                           return about.param == ByteOrder::kBig ? "Big" : "Little";
                         });

TEST_P(InEitherOrder, EveryFieldIsRead) {
  auto file = capture();
  file.section(file.option(2, "PowerPC") + file.option(3, "AIX") + file.option(4, "dumpcap"));
  file.interface(file.option(2, "en0") + file.option(9, "\x09"), 1, 96);
  const std::string options = file.option(1, "one") + file.option(1, "two") +
                              file.option(2, file.u32(2 | 4 << 2)) +
                              file.option(4, file.u64(1ULL << 40)) + file.option(5, file.u64(77)) +
                              file.option(6, file.u32(3)) + file.option(7, "\x02" + file.u64(1)) +
                              file.option(8, file.u32(812) + file.u32(813)) + file.option(0, "");
  file.packet(0, 1'700'000'000'000'000'001, "hello", options);
  const auto outcome = read_at_once(file);
  EXPECT_EQ(outcome.error, "");
  CapturedPacket expected;
  expected.time_ns = 1'700'000'000'000'000'001;
  expected.interface.device = "en0";
  expected.bytes = "hello";
  expected.original_bytes = 5;
  expected.comments = {"one", "two"};
  expected.direction = model::Direction::kSend;
  expected.queue = 3;
  expected.left_out = 1ULL << 40;
  expected.verdict = {model::ProgramVerdict::By::kXdp, 1};
  expected.packet_id = 77;
  expected.task = {812, 813};
  EXPECT_THAT(outcome.packets, ElementsAre(expected));
  EXPECT_EQ(outcome.source, (PcapngSource{"PowerPC", "AIX", "dumpcap"}));
}

TEST_P(InEitherOrder, AllKindsOfPacketBlocks) {
  auto file = capture().section();
  file.interface({}, 101, 4);
  file.simple_packet(9, "abcd").simple_packet(3, "xyz");
  file.old_packet(0, 12, 1'000'001, "old", file.option(2, file.u32(1)));
  file.old_packet(0, 0xffff, 2, "older");
  const auto packets = read_at_once(file).packets;
  ASSERT_THAT(packets, SizeIs(4));
  EXPECT_EQ(packets[0].bytes, "abcd");
  EXPECT_EQ(packets[0].original_bytes, 9);
  EXPECT_EQ(packets[0].interface.link_type, model::LinkType::kRawIp);
  EXPECT_EQ(packets[1].bytes, "xyz");
  EXPECT_EQ(packets[2].time_ns, 1'000'001'000) << "microseconds where nothing is said";
  EXPECT_EQ(packets[2].left_out, 12);
  EXPECT_EQ(packets[2].direction, model::Direction::kReceive);
  EXPECT_EQ(packets[3].left_out, 0) << "0xffff: not counted";
  EXPECT_EQ(packets[3].direction, std::nullopt);
}

TEST_P(InEitherOrder, OtherBlocksAreSkipped) {
  auto file = capture().section();
  file.block(4, file.u16(0) + file.u16(0));                               // names
  file.block(10, file.u32(0x544c534b) + file.u32(4) + "keys");            // secrets
  file.block(0xbad, file.u32(32473) + "data").block(0x40000bad, "data");  // custom
  file.block(9, std::string(300'000, 'j')).block(0x80000001, "");
  file.interface().packet(0, 1, "seen").block(0x1234, "what");
  const auto outcome = read_at_once(file);
  EXPECT_EQ(outcome.error, "");
  EXPECT_THAT(outcome.packets, SizeIs(1));
  EXPECT_EQ(outcome.end, (PcapngEnd{.packets = 1, .cut_off_at = {}, .unknown_sections = 0}));
}

TEST_P(InEitherOrder, OptionsNeedNoEnd) {
  auto file = capture().section();
  file.interface(file.option(2, "eth0")).packet(0, 1, "", file.option(1, "comment"));
  file.packet(0, 1, "a", file.option(0, "") + file.option(1, "behind the end"));
  const auto packets = read_at_once(file).packets;
  ASSERT_THAT(packets, SizeIs(2));
  EXPECT_EQ(packets[0].interface.device, "eth0");
  EXPECT_THAT(packets[0].comments, ElementsAre("comment"));
  EXPECT_THAT(packets[1].comments, IsEmpty());
}

TEST_P(InEitherOrder, OptionsOfAWrongLengthAreNotBelieved) {
  auto file = capture().section().interface();
  file.packet(0, 1, "",
              file.option(2, "1") + file.option(4, file.u32(1)) + file.option(5, "") +
                  file.option(6, file.u64(1)) + file.option(7, "") + file.option(7, "\x02") +
                  file.option(7, std::string("\0key", 4)) + file.option(8, file.u32(1)) +
                  file.option(3, "\x02hash") + file.option(2988, "") + file.option(60'000, "x"));
  auto packet = read_at_once(file).packets.at(0);
  EXPECT_EQ(packet, (CapturedPacket{.time_ns = 1000}));
}

TEST_P(InEitherOrder, AVerdictUnderTheNumberOfTheQueue) {
  auto file = capture().section().interface();
  file.packet(0, 1, "", file.option(6, "\x01" + file.u64(2)) + file.option(6, file.u32(5)));
  const auto packet = read_at_once(file).packets.at(0);
  EXPECT_EQ(packet.verdict, (model::ProgramVerdict{model::ProgramVerdict::By::kTc, 2}));
  EXPECT_EQ(packet.queue, 5);
}

TEST_P(InEitherOrder, TextEndsAtAZero) {
  auto file = capture().section();
  file.interface(file.option(2, std::string("eth0\0junk", 9)));
  file.packet(0, 1, "", file.option(1, std::string("a\0b", 3)));
  const auto packet = read_at_once(file).packets.at(0);
  EXPECT_EQ(packet.interface.device, "eth0");
  EXPECT_THAT(packet.comments, ElementsAre("a"));
}

TEST_P(InEitherOrder, EveryResolutionOfTime) {
  auto file = capture().section();
  std::string offset = file.option(14, file.u64(static_cast<std::uint64_t>(-3)));
  for (const auto* resolution : {"\x03", "\x0c", "\x8a", "\xa0", "\xff", "\x7f"}) {
    file.interface(file.option(9, resolution));
  }
  file.interface(file.option(9, std::string(1, '\0')) + offset).interface(offset);
  file.packet(0, 1'700'000'000'123, "").packet(1, 1'500'000'000'999, "").packet(2, 1536, "");
  file.packet(3, (7ULL << 32) + (1ULL << 31), "").packet(4, ~0ULL, "").packet(5, ~0ULL, "");
  file.packet(6, 10, "").packet(7, 5'000'001, "").packet(6, ~0ULL, "").packet(7, 0, "");
  std::vector<std::int64_t> times;
  for (const auto& packet : read_at_once(file).packets) times.push_back(packet.time_ns);
  EXPECT_THAT(times, ElementsAre(1'700'000'000'123'000'000, 1'500'000'000, 1'500'000'000,
                                 7'500'000'000, 0, 0, 7'000'000'000, 2'000'001'000,
                                 std::numeric_limits<std::int64_t>::max(), -3'000'000'000));
}

TEST_P(InEitherOrder, StatisticsAreRead) {
  auto file = capture().section().interface();
  file.block(5, file.u32(0) + file.time(9) + file.option(2, file.time(1'000'000)) +
                    file.option(4, file.u64(30)) + file.option(5, file.u64(4)) +
                    file.option(7, "short"));
  EXPECT_THAT(read_at_once(file).statistics,
              ElementsAre(CaptureStatistics{.interface = {},
                                            .start_ns = 1'000'000'000,
                                            .end_ns = {},
                                            .seen = 30,
                                            .dropped_by_interface = 4,
                                            .left_out = {},
                                            .written = {}}));
}

TEST(PcapngRead, SectionsOfDifferentOrderAndVersion) {
  ForeignCapture little(ByteOrder::kLittle);
  ForeignCapture big(ByteOrder::kBig);
  little.section().interface(little.option(2, "one")).packet(0, 1, "1");
  big.section({}, 9, 0).interface().packet(0, 1, "of another version").block(6, "anything");
  big.section({}, 1, 2).interface(big.option(2, "two")).packet(0, 1, "2");
  const auto outcome = read_at_once(little.bytes() + big.bytes() + little.bytes());
  EXPECT_EQ(outcome.error, "");
  ASSERT_THAT(outcome.packets, SizeIs(3));
  EXPECT_EQ(outcome.packets[1].interface.device, "two");
  EXPECT_EQ(outcome.packets[1].bytes, "2");
  EXPECT_EQ(outcome.end.unknown_sections, 1);
}

TEST(PcapngRead, AnInterfaceIsForgottenWithItsSection) {
  ForeignCapture file(ByteOrder::kLittle);
  file.section().interface().section();
  const auto at = file.bytes().size();
  file.packet(0, 1, "");
  EXPECT_EQ(read_at_once(file).error,
            "at byte " + std::to_string(at) + ": interface 0 was not described before");
}

TEST(PcapngRead, WhatIsNoPcapngIsToldApart) {
  const auto error = [](std::string_view file) { return read_at_once(file).error; };
  EXPECT_EQ(error(""), "the file is empty");
  EXPECT_EQ(error("x"), "not a capture file");
  EXPECT_EQ(error("{\"schema\":\"whydrop.evidence/1\"}"), "not a capture file");
  for (const char* mark :
       {"\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1"}) {
    EXPECT_EQ(error(mark), "a pcap file, not pcapng");
    EXPECT_EQ(error(mark + std::string(100, '\x01')), "a pcap file, not pcapng");
  }
  EXPECT_EQ(error("\x1f\x8b\x08 and more of it"), "packed by gzip");
  EXPECT_EQ(error("\x0a\x0d\x0d\x0a\x1c\x01\x02\x03wrong!!!"),
            "at byte 0: the section has no byte-order mark");
}

TEST(PcapngRead, ACutOffFileGivesWhatItHas) {
  ForeignCapture file(ByteOrder::kBig);
  file.section().interface().packet(0, 1, "whole");
  const auto at = file.bytes().size();
  file.block(0x1234, "skipped!");
  const auto skipped = file.bytes().size();
  file.packet(0, 2, "never seen as a whole");
  const std::string_view all = file;
  EXPECT_EQ(read_at_once(all).end.cut_off_at, std::nullopt);
  for (size_t length = 1; length < all.size(); ++length) {
    const auto outcome = read_at_once(all.substr(0, length));
    if (length < 4) continue;  // shorter than the mark of a capture file
    ASSERT_EQ(outcome.error, "") << length;
    ASSERT_EQ(outcome.packets.size(), length < at ? 0U : 1U) << length;
    if (length > skipped) {
      ASSERT_EQ(outcome.end.cut_off_at, skipped) << length;
    } else if (length > at && length < skipped) {
      ASSERT_EQ(outcome.end.cut_off_at, at) << length;
    }
  }
  EXPECT_EQ(read_at_once(all.substr(0, at)).end.cut_off_at, std::nullopt)
      << "ends between two blocks";
}

TEST(PcapngRead, StopsWhenItHasEnough) {
  ForeignCapture file(ByteOrder::kLittle);
  file.section().interface().packet(0, 1, "1").packet(0, 2, "2").packet(0, 3, "3").raw("rubbish");
  int seen = 0;
  PcapngReader reader([&](const CapturedPacket&) { return ++seen < 2; });
  EXPECT_TRUE(reader.feed(file));
  EXPECT_TRUE(reader.has_enough());
  EXPECT_TRUE(reader.feed("more"));
  EXPECT_EQ(reader.finish()->packets, 2);
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace formats
