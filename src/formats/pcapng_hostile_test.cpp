// Files whose lengths lie, and files that were damaged at random.
#include <gmock/gmock.h>

#include <array>
#include <iterator>

#include "formats/foreign_capture.h"
#include "formats/pcapng_outcome.h"
#include "formats/random_packet.h"

namespace formats {
namespace {

using pcapng::ByteOrder;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// An end of a file in which a length lies, and what is said of it.
struct Lie {
  const char* says;
  std::string (*tail)(const ForeignCapture&);
};

std::string framed(const ForeignCapture& as, std::uint32_t type, std::uint32_t length,
                   std::uint32_t again, std::string_view body = {}) {
  return as.u32(type) + as.u32(length) + std::string(body) + as.u32(again);
}

const Lie kLies[] = {
    {"no block is 0 bytes", [](const auto& as) { return framed(as, 6, 0, 0); }},
    {"no block is 8 bytes", [](const auto& as) { return framed(as, 0x1234, 8, 8); }},
    {"no block is 13 bytes", [](const auto& as) { return framed(as, 6, 13, 13, "x"); }},
    {"no block is 4294967295 bytes", [](const auto& as) { return framed(as, 6, ~0U, ~0U); }},
    {"4294967292 bytes, longer", [](const auto& as) { return framed(as, 6, ~3U, ~3U); }},
    {"two lengths differ", [](const auto& as) { return framed(as, 6, 12, 16); }},
    {"two lengths differ", [](const auto& as) { return framed(as, 0x1234, 16, 12, "body"); }},
    {"too short", [](const auto& as) { return framed(as, 6, 12, 12); }},
    {"too short", [](const auto& as) { return framed(as, 3, 12, 12); }},
    {"too short", [](const auto& as) { return framed(as, 1, 16, 16, "none"); }},
    {"too short", [](const auto& as) { return framed(as, 5, 16, 16, "none"); }},
    {"too short",
     [](const auto& as) { return framed(as, 0x0a0d0d0a, 16, 16, as.u32(0x1a2b3c4d)); }},
    {"no byte-order mark", [](const auto& as) { return framed(as, 0x0a0d0d0a, 16, 16, "none"); }},
    {"packet is longer",
     [](const auto& as) {
       return framed(as, 6, 36, 36, as.u32(0) + as.time(1) + as.u32(5) + as.u32(5) + "four");
     }},
    {"packet is longer",
     [](const auto& as) {
       return framed(as, 6, 36, 36, as.u32(0) + as.time(1) + as.u32(~0U) + as.u32(5) + "four");
     }},
    {"packet is longer", [](const auto& as) { return framed(as, 3, 20, 20, as.u32(5) + "four"); }},
    {"interface 1 was not described",
     [](const auto& as) {
       return framed(as, 6, 32, 32, as.u32(1) + as.time(1) + as.u32(0) + as.u32(0));
     }},
    {"interface 7 was not described",
     [](const auto& as) { return framed(as, 5, 24, 24, as.u32(7) + as.time(1)); }},
    {"option is longer",
     [](const auto& as) {
       return framed(
           as, 6, 40, 40,
           as.u32(0) + as.time(1) + as.u32(0) + as.u32(0) + as.u16(1) + as.u16(5) + "four");
     }},
    {"option is longer",
     [](const auto& as) {
       return framed(as, 1, 24, 24, as.u16(1) + as.u16(0) + as.u32(0) + as.u16(2) + as.u16(65535));
     }},
    {"has a wrong length",
     [](const auto& as) {
       return framed(as, 1, 28, 28,
                     as.u16(1) + as.u16(0) + as.u32(0) + as.option(9, std::string(2, '\x09')));
     }},
};

TEST(PcapngHostile, LiesEndTheReadingAndLoseNothingBefore) {
  for (size_t count = 0; count < 2 * std::size(kLies); ++count) {
    const auto& lie = kLies[count / 2];
    ForeignCapture file(count % 2 == 0 ? ByteOrder::kLittle : ByteOrder::kBig);
    file.section().interface().packet(0, 1, "before");
    const auto at = "at byte " + std::to_string(file.bytes().size()) + ": ";
    const auto outcome = read_at_once(file.raw(lie.tail(file)).packet(0, 2, "behind"));
    EXPECT_THAT(outcome.error, StartsWith(at)) << lie.says;
    EXPECT_THAT(outcome.error, HasSubstr(lie.says));
    EXPECT_THAT(outcome.packets, SizeIs(1)) << lie.says;
  }
}

TEST(PcapngHostile, AnOriginalLengthBelowWhatWasCapturedIsRaised) {
  ForeignCapture file(ByteOrder::kLittle);
  file.section().interface();
  file.block(6, file.u32(0) + file.time(1) + file.u32(4) + file.u32(1) + "four");
  EXPECT_EQ(read_at_once(file).packets.at(0).original_bytes, 4);
}

TEST(PcapngHostile, MemoryIsBoundByThePartThatIsThere) {
  ForeignCapture file(ByteOrder::kLittle);
  file.section().interface();
  // 4 GiB of a block that nobody needs, and not one byte of it.
  file.raw(file.u32(0x1234) + file.u32(0xfffffffc) + file.u32(0));
  const auto outcome = read_at_once(file);
  EXPECT_EQ(outcome.error, "");
  EXPECT_TRUE(outcome.end.cut_off_at);
  std::string comments;
  for (int count = 0; count < 100'000; ++count) comments += file.option(1, "");
  ForeignCapture many(ByteOrder::kLittle);
  many.section().interface().packet(0, 1, "", comments);
  EXPECT_THAT(read_at_once(many).packets.at(0).comments, SizeIs(1024));
}

// A file with something of everything.
std::string varied_file(RandomPackets& random) {
  std::string whole;
  PcapngWriter writer({"hw", "os", "app"}, 0, 1);
  writer.append_header(whole);
  for (int count = 0; count < 4; ++count) writer.append(random.make(), whole);
  writer.append_statistics(2, whole);
  ForeignCapture foreign(random.flip() ? ByteOrder::kBig : ByteOrder::kLittle);
  foreign.section(foreign.option(3, "os")).interface(foreign.option(9, "\x8a"), 1, 60);
  foreign.block(0xbad, random.bytes(40) + std::string(3, 'x')).packet(0, 1, random.bytes(50));
  foreign.old_packet(0, 1, 2, "old", foreign.option(2, foreign.u32(1))).simple_packet(4, "four");
  foreign.block(5, foreign.u32(0) + foreign.time(9) + foreign.option(4, foreign.u64(30)));
  return whole + foreign.bytes();
}

// Bytes are changed, taken out, doubled; numbers become those that lengths overflow with.
void mutate(std::string& file, RandomPackets& random) {
  for (auto changes = 1 + random.below(4); changes > 0 && !file.empty(); --changes) {
    const auto at = random.below(file.size());
    switch (random.below(6)) {
      case 0:
        file[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        file[at] = static_cast<char>(file[at] ^ (1 << random.below(8)));
        break;
      case 2:
        file.erase(at, 1 + random.below(8));
        break;
      case 3:
        file.insert(at, file.substr(random.below(file.size()), random.below(64)));
        break;
      case 4:
        file.resize(at);
        break;
      default: {
        constexpr std::array<std::uint32_t, 8> kEdges = {
            0, 1, 12, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff, 0xffff};
        const auto word = ForeignCapture(random.flip() ? ByteOrder::kBig : ByteOrder::kLittle)
                              .u32(kEdges[random.below(kEdges.size())]);
        file.replace(at / 4 * 4, 4, word);
      }
    }
  }
}

// In pieces of any size the same comes out as at once; and it is never more than the file has.
TEST(PcapngHostile, DamagedFilesAreReadTheSameInAnyPieces) {
  RandomPackets random(11);
  int with_error = 0;
  int with_packets = 0;
  for (int round = 0; round < 8000; ++round) {
    auto file = varied_file(random);
    mutate(file, random);
    const auto at_once = read_at_once(file);
    const auto in_pieces =
        read_in_pieces(file, [&] { return 1 + random.below(random.flip() ? 16 : 2000); });
    ASSERT_EQ(at_once, in_pieces) << "round " << round << ": " << at_once.error;
    size_t bytes = 0;
    for (const auto& packet : at_once.packets) {
      bytes += packet.bytes.size();
      for (const auto& comment : packet.comments) bytes += comment.size();
    }
    ASSERT_LE(bytes, file.size());
    with_error += at_once.error.empty() ? 0 : 1;
    with_packets += at_once.packets.empty() ? 0 : 1;
  }
  EXPECT_GT(with_error, 2000);
  EXPECT_GT(with_packets, 4000);
}

}  // namespace
}  // namespace formats
