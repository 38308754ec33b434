#include "formats/pcapng_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/files.h"
#include "formats/pcapng_outcome.h"
#include "formats/random_packet.h"

namespace formats {
namespace {

using model::CapturedPacket;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PcapngInAFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = std::filesystem::temp_directory_path() / "whydrop-pcapng-XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string at(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::vector<std::string> names() const {
    return base::system_files()->list(folder_).value();
  }
  [[nodiscard]] Outcome content(const std::string& name) const {
    return read_at_once(base::system_files()->read(at(name)).value());
  }
  [[nodiscard]] PcapngFile create(PcapngFile::Options options) const {
    options.path = at(options.path);
    options.source = {"x86_64", "Linux", "whydrop test"};
    auto file = PcapngFile::create(options, 1);
    EXPECT_TRUE(file) << (file ? "" : file.error().what);
    return std::move(*file);
  }

  std::string folder_;
};

CapturedPacket packet(std::int64_t number, size_t bytes = 1000) {
  CapturedPacket made;
  made.time_ns = number;
  made.interface.device = "eth0";
  made.bytes.assign(bytes, 'x');
  made.original_bytes = static_cast<std::uint32_t>(bytes);
  return made;
}

mode_t mode_of(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 ? about.st_mode & 07777U : 0;
}

// Limits what a file may be; a larger one is refused in the middle of a write, as by a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST_F(PcapngInAFolder, WhatIsWrittenIsRead) {
  RandomPackets random(1);
  std::vector<CapturedPacket> packets;
  auto file = create({.path = "drops.pcapng"});
  for (int count = 0; count < 3000; ++count) {
    packets.push_back(random.make());
    ASSERT_TRUE(file.write(packets.back()));
  }
  ASSERT_TRUE(file.close(2));
  EXPECT_EQ(file.packets(), 3000);
  std::vector<CapturedPacket> found;
  PcapngReader reader([&](const CapturedPacket& one) {
    found.push_back(one);
    return true;
  });
  const auto end = read_pcapng_file(at("drops.pcapng"), reader);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(end->packets, 3000);
  EXPECT_EQ(found, packets);
  EXPECT_EQ(reader.source().application, "whydrop test");
}

TEST_F(PcapngInAFolder, OnlyItsOwnerMayReadIt) {
  std::ofstream(at("old.pcapng")) << "something longer than a section header, and much older";
  chmod(at("old.pcapng").c_str(), 0644);
  ASSERT_TRUE(create({.path = "old.pcapng"}).close(2));
  ASSERT_TRUE(create({.path = "new.pcapng"}).close(2));
  ASSERT_TRUE(create({.path = "ring.pcapng", .file_bytes = 1}).close(2));
  for (const char* name : {"old.pcapng", "new.pcapng", "ring_00001.pcapng"}) {
    EXPECT_EQ(mode_of(at(name)), 0600U) << name;
    EXPECT_EQ(content(name).error, "") << name;
  }
}

TEST_F(PcapngInAFolder, ItIsAFileFromTheFirstMomentAndGrowsByFlush) {
  auto file = create({.path = "drops.pcapng"});
  EXPECT_EQ(content("drops.pcapng").error, "");
  ASSERT_TRUE(file.write(packet(1)));
  EXPECT_THAT(content("drops.pcapng").packets, IsEmpty());
  ASSERT_TRUE(file.flush());
  EXPECT_THAT(content("drops.pcapng").packets, SizeIs(1));
  EXPECT_THAT(content("drops.pcapng").statistics, IsEmpty());
  ASSERT_TRUE(file.add_left_out(packet(1).interface, 9));
  ASSERT_TRUE(file.close(2));
  ASSERT_THAT(content("drops.pcapng").statistics, SizeIs(1));
  EXPECT_EQ(content("drops.pcapng").statistics[0].left_out, 9);
  EXPECT_THAT(file.write(packet(2)).error().what, HasSubstr("closed before"));
  EXPECT_THAT(file.close(3).error().what, HasSubstr("closed before"));
}

TEST_F(PcapngInAFolder, WhatWasNotFlushedIsWrittenAtTheEnd) {
  {
    auto file = create({.path = "drops.pcapng"});
    ASSERT_TRUE(file.write(packet(1)));
  }
  EXPECT_THAT(content("drops.pcapng").packets, SizeIs(1));
}

TEST_F(PcapngInAFolder, EachFileOfARingStandsAlone) {
  auto file = create({.path = "drops.pcapng", .file_bytes = 5000, .files = 3});
  for (int count = 0; count < 40; ++count) ASSERT_TRUE(file.write(packet(count)));
  EXPECT_THAT(file.path(), EndsWith("drops_00010.pcapng"));
  ASSERT_TRUE(file.close(99));
  EXPECT_THAT(names(),
              ElementsAre("drops_00008.pcapng", "drops_00009.pcapng", "drops_00010.pcapng"));
  std::int64_t next = 28;
  for (const auto& name : names()) {
    EXPECT_LE(std::filesystem::file_size(at(name)), 5000) << name;
    const auto outcome = content(name);
    EXPECT_EQ(outcome.error, "");
    ASSERT_THAT(outcome.packets, SizeIs(4)) << name;
    for (const auto& one : outcome.packets) EXPECT_EQ(one.time_ns, next++);
    ASSERT_THAT(outcome.statistics, SizeIs(1));
    EXPECT_EQ(outcome.statistics[0].written, 4);
    EXPECT_EQ(outcome.statistics[0].start_ns, outcome.packets.front().time_ns);
  }
  EXPECT_EQ(next, 40);
  EXPECT_EQ(file.packets(), 40);
}

TEST_F(PcapngInAFolder, APacketLongerThanAFileHasOneOfItsOwn) {
  auto file = create({.path = "drops", .file_bytes = 1500});
  for (int count = 0; count < 3; ++count) ASSERT_TRUE(file.write(packet(count, 3000)));
  ASSERT_TRUE(file.close(9));
  EXPECT_THAT(names(), ElementsAre("drops_00001", "drops_00002", "drops_00003"));
}

TEST_F(PcapngInAFolder, FilesThatWereThereStay) {
  std::ofstream(at("drops_00001.pcapng")) << "of another run";
  std::ofstream(at("drops_00003.pcapng")) << "of another run";
  auto file = create({.path = "drops.pcapng", .file_bytes = 1, .files = 1});
  for (int count = 0; count < 3; ++count) ASSERT_TRUE(file.write(packet(count)));
  ASSERT_TRUE(file.close(9));
  EXPECT_THAT(names(),
              ElementsAre("drops_00001.pcapng", "drops_00003.pcapng", "drops_00005.pcapng"));
  EXPECT_EQ(base::system_files()->read(at("drops_00003.pcapng")).value(), "of another run");
}

TEST_F(PcapngInAFolder, AFileThatTookTheNameOfOursStays) {
  auto file = create({.path = "drops.pcapng", .file_bytes = 1, .files = 2});
  for (int count = 0; count < 2; ++count) ASSERT_TRUE(file.write(packet(count)));
  std::filesystem::rename(at("drops_00001.pcapng"), at("kept.pcapng"));
  std::ofstream(at("drops_00001.pcapng")) << "somebody else's";
  std::filesystem::remove(at("drops_00002.pcapng"));
  for (int count = 2; count < 5; ++count) ASSERT_TRUE(file.write(packet(count)));
  ASSERT_TRUE(file.close(9));
  EXPECT_THAT(names(), ElementsAre("drops_00001.pcapng", "drops_00004.pcapng", "drops_00005.pcapng",
                                   "kept.pcapng"));
  EXPECT_EQ(base::system_files()->read(at("drops_00001.pcapng")).value(), "somebody else's");
}

TEST_F(PcapngInAFolder, NumbersStandBeforeTheExtension) {
  std::filesystem::create_directory(at("a.d"));
  for (const char* name : {"a.d/plain", ".hidden", "two.dots.pcapng"}) {
    ASSERT_TRUE(create({.path = name, .file_bytes = 1}).close(1));
  }
  EXPECT_TRUE(std::filesystem::exists(at("a.d/plain_00001")));
  EXPECT_TRUE(std::filesystem::exists(at(".hidden_00001")));
  EXPECT_TRUE(std::filesystem::exists(at("two.dots_00001.pcapng")));
}

TEST_F(PcapngInAFolder, AFullDiskLeavesWholeBlocks) {
  auto file = create({.path = "drops.pcapng"});
  for (int count = 0; count < 10; ++count) ASSERT_TRUE(file.write(packet(count)));
  ASSERT_TRUE(file.flush());
  const FileSizeLimit limit(15'500);
  for (int count = 10; count < 30; ++count) ASSERT_TRUE(file.write(packet(count)));
  const auto failed = file.flush();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "write " + at("drops.pcapng") + ": File too large");
  EXPECT_EQ(failed.error().number, EFBIG);
  EXPECT_EQ(file.write(packet(99)).error().what, failed.error().what) << "it stays so";
  EXPECT_EQ(file.close(100).error().what, failed.error().what);
  const auto outcome = content("drops.pcapng");
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.end.cut_off_at, std::nullopt);
  EXPECT_THAT(outcome.packets, SizeIs(14));
}

TEST_F(PcapngInAFolder, ErrorsSayWhatFailed) {
  const auto error = [](const std::string& path, std::uint64_t bytes = 0, std::uint32_t files = 0) {
    return PcapngFile::create(
               {.path = path, .source = {}, .snaplen = 0, .file_bytes = bytes, .files = files}, 1)
        .error()
        .what;
  };
  EXPECT_EQ(error("/dev/full"), "write /dev/full: No space left on device");
  EXPECT_EQ(error(at("missing/x")), "create " + at("missing/x") + ": No such file or directory");
  EXPECT_EQ(error(at("missing/x"), 9),
            "create " + at("missing/x_00001") + ": No such file or directory");
  EXPECT_EQ(error(folder_), "create " + folder_ + ": Is a directory");
  EXPECT_THAT(error(at("x"), 0, 3), HasSubstr("no size"));
  EXPECT_THAT(error("-", 100), HasSubstr("several files to standard output"));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(PcapngInAFolder, AReaderThatLeavesIsAnError) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const auto old = signal(SIGPIPE, SIG_IGN);  // as main() does
  {
    auto file = PcapngFile::create({.path = "/dev/fd/" + std::to_string(ends[1])}, 1).value();
    ASSERT_TRUE(file.write(packet(1)));
    ASSERT_TRUE(file.flush());
    char start[4];
    ASSERT_EQ(read(ends[0], start, sizeof start), 4);
    EXPECT_EQ(std::string(start, 4), "\x0a\x0d\x0d\x0a");
    close(ends[0]);
    ASSERT_TRUE(file.write(packet(2)));
    EXPECT_THAT(file.flush().error().what, EndsWith(": Broken pipe"));
  }
  signal(SIGPIPE, old);
  close(ends[1]);
}

TEST_F(PcapngInAFolder, ReadingSaysWhichFileAndWhere) {
  const auto error = [&](const std::string& path) {
    PcapngReader reader([](const CapturedPacket&) { return true; });
    return read_pcapng_file(path, reader).error().what;
  };
  std::ofstream(at("text")) << "some text";
  std::ofstream(at("empty"));
  std::ofstream(at("pcap")) << "\xd4\xc3\xb2\xa1 and so on";
  EXPECT_EQ(error(at("text")), "read " + at("text") + ": not a capture file");
  EXPECT_EQ(error(at("empty")), "read " + at("empty") + ": the file is empty");
  EXPECT_EQ(error(at("pcap")), "read " + at("pcap") + ": a pcap file, not pcapng");
  EXPECT_EQ(error(at("none")), "open " + at("none") + ": No such file or directory");
  EXPECT_EQ(error(folder_), "read " + folder_ + ": Is a directory");
}

TEST_F(PcapngInAFolder, ReadingEndsWhenThereIsEnough) {
  auto file = create({.path = "drops.pcapng"});
  for (int count = 0; count < 1000; ++count) ASSERT_TRUE(file.write(packet(count)));
  ASSERT_TRUE(file.close(2));
  int seen = 0;
  PcapngReader reader([&](const CapturedPacket&) { return ++seen < 3; });
  EXPECT_EQ(read_pcapng_file(at("drops.pcapng"), reader)->packets, 3);
}

}  // namespace
}  // namespace formats
