#include "offline/open.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "formats/tar_builder.h"

namespace offline {
namespace {

using formats::TarBuilder;
using testing::HasSubstr;

base::Result<Contents> open_archive(const std::string& archive) {
  const auto bytes = base::bytes_of(archive);
  return contents_of_archive(*bytes);
}

TEST(OpenArchive, TakesWhatIsWantedFromItsFolder) {
  TarBuilder tar;
  tar.file("sosreport-x/proc/net/snmp", "one")
      .file("sosreport-x/etc/shadow", "secret")
      .file("sosreport-x/sos_commands/networking/ethtool_-S_eth0", "two")
      .add({.name = "sosreport-x/proc/net/snmp6",
            .type = '1',
            .target = "sosreport-x/proc/net/snmp"});
  const auto contents = open_archive(tar.end()).value();
  EXPECT_EQ(contents.files().size(), 2U);
  EXPECT_EQ(contents.find("/proc/net/snmp")->text, "one");
  EXPECT_EQ(contents.find("/proc/net/snmp6")->text, "one");
  EXPECT_TRUE(contents.left_out().empty());
}

TEST(OpenArchive, WhatCannotBeTakenIsTold) {
  TarBuilder tar;
  tar.file("proc/net/snmp", "one")
      .file("../proc/net/netstat", "out")
      .add({.name = "proc/net/dev", .type = '3'})
      .add({.name = "proc/net/udp", .content = "x", .type = 'S'})
      .add({.name = "proc/net/udp6", .type = '2', .target = "/etc/shadow"});
  const auto contents = open_archive(tar.end()).value();
  EXPECT_EQ(contents.files().size(), 1U);
  EXPECT_EQ(contents.find("/proc/net/udp6"), nullptr);
  EXPECT_EQ(contents.left_out().size(), 3U);
}

TEST(OpenArchive, AHugeMemberIsPassedOver) {
  TarBuilder tar;
  tar.file("proc/net/snmp", "one").file("proc/stat", std::string(kMostFileBytes + 1, 'x'));
  const auto contents = open_archive(tar.end()).value();
  EXPECT_EQ(contents.files().size(), 1U);
  EXPECT_THAT(contents.left_out().begin()->first, HasSubstr("16 MiB"));
}

class OpenFolder : public testing::Test {
 protected:
  OpenFolder() : folder_(testing::TempDir() + "whydrop-open-" + std::to_string(getpid())) {
    std::filesystem::remove_all(folder_);
    put("report/proc/self/net/snmp", "one");
    std::filesystem::create_symlink("self/net", folder_ + "/report/proc/net");
  }
  ~OpenFolder() override { std::filesystem::remove_all(folder_); }
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;

  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + path).parent_path());
    std::ofstream(folder_ + "/" + path) << text;
  }

  std::string folder_;
};

TEST_F(OpenFolder, FollowsLinksInsideOnly) {
  put("outside/secret", "secret");
  std::filesystem::create_directories(folder_ + "/report/namespaces/x/proc");
  std::filesystem::create_symlink("../../../../outside/secret", folder_ + "/report/proc/stat");
  std::filesystem::create_symlink(folder_ + "/outside", folder_ + "/report/commands");
  const auto contents = contents_of_folder(folder_ + "/report").value();
  EXPECT_EQ(contents.find("/proc/net/snmp")->text, "one");
  EXPECT_EQ(contents.files().size(), 1U);
  EXPECT_EQ(contents.find("/proc/stat"), nullptr);
}

TEST_F(OpenFolder, NobodyWaitsForAPipe) {
  ASSERT_EQ(mkfifo((folder_ + "/report/proc/stat").c_str(), 0600), 0);
  const auto contents = contents_of_folder(folder_ + "/report").value();
  EXPECT_EQ(contents.files().size(), 1U);
  EXPECT_EQ(contents.left_out().size(), 1U);
}

TEST_F(OpenFolder, AFolderAroundTheReportIsEntered) {
  EXPECT_NE(contents_of_folder(folder_).value().find("/proc/net/snmp"), nullptr);
}

TEST(OpenReport, SaysWhatIsWrong) {
  EXPECT_THAT(open_report("/nonexistent").error().what, HasSubstr("No such file"));
  EXPECT_THAT(open_report("/dev/null").error().what, HasSubstr("neither a file nor a pipe"));
  EXPECT_THAT(open_report("/proc/self/exe").error().what, HasSubstr("no tar archive"));
}

}  // namespace
}  // namespace offline
