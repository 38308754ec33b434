#include "base/files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A folder of this test only.
class SystemFilesTest : public testing::Test {
 protected:
  SystemFilesTest() {
    std::string pattern = testing::TempDir() + "/files_test.XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~SystemFilesTest() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void put(const std::string& name, std::string_view content = "") const {
    std::ofstream file(path(name));
    file << content;
  }

  std::string folder_;
  std::unique_ptr<Files> files_ = system_files();
};

TEST_F(SystemFilesTest, ReadsAFileLongerThanItsBuffer) {
  const std::string content(100'000, 'x');
  put("long", content);
  EXPECT_EQ(files_->read(path("long")).value(), content);
}

TEST_F(SystemFilesTest, ReadsAFileOfProcWhoseSizeIsUnknown) {
  EXPECT_THAT(files_->read("/proc/self/status").value(), HasSubstr("Name:"));
}

TEST_F(SystemFilesTest, AMissingFileIsAnErrorThatNamesIt) {
  const auto content = files_->read(path("none"));
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().what, "open " + path("none") + ": No such file or directory");
}

TEST_F(SystemFilesTest, AFolderIsNotAFile) {
  EXPECT_FALSE(files_->read(folder_));
}

TEST_F(SystemFilesTest, APipeThatNobodyWritesToIsEmptyAndNotWaitedFor) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(files_->read(path("pipe")).value(), "");
}

TEST_F(SystemFilesTest, ListsNamesSorted) {
  put("b");
  put("a");
  put(".hidden");
  EXPECT_THAT(files_->list(folder_).value(), ElementsAre(".hidden", "a", "b"));
  EXPECT_FALSE(files_->list(path("none")));
}

TEST_F(SystemFilesTest, FollowsLinksForTheInodeButNotForTheirTarget) {
  put("file");
  ASSERT_EQ(symlink(path("file").c_str(), path("link").c_str()), 0);
  EXPECT_EQ(files_->link_target(path("link")).value(), path("file"));
  EXPECT_EQ(files_->inode(path("link")).value(), files_->inode(path("file")).value());
  EXPECT_FALSE(files_->link_target(path("file")));
  EXPECT_FALSE(files_->inode(path("none")));
}

TEST_F(SystemFilesTest, AtomicWriteReplacesTheContentAndLeavesNothingBeside) {
  ASSERT_TRUE(write_file_atomically(path("saved"), "first", 0600));
  ASSERT_TRUE(write_file_atomically(path("saved"), "second", 0600));
  EXPECT_EQ(files_->read(path("saved")).value(), "second");
  EXPECT_THAT(files_->list(folder_).value(), ElementsAre("saved"));
  struct stat status{};
  ASSERT_EQ(stat(path("saved").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SystemFilesTest, AtomicWriteThatFailsKeepsWhatWasThere) {
  std::filesystem::create_directory(path("taken"));
  put("taken/inside");
  const auto status = write_file_atomically(path("taken"), "text", 0600);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().what, HasSubstr(path("taken")));
  EXPECT_THAT(files_->list(folder_).value(), ElementsAre("taken"));
  EXPECT_FALSE(write_file_atomically(path("none/file"), "text", 0600));
}

TEST(MemoryFiles, GivesBackWhatWasPutIn) {
  MemoryFiles files;
  files.put("/proc/1/comm", "init\n");
  files.put_link("/proc/1/exe", "/sbin/init");
  files.put_inode("/proc/1/ns/net", 4026531840);
  EXPECT_EQ(files.read("/proc/1/comm").value(), "init\n");
  EXPECT_EQ(files.link_target("/proc/1/exe").value(), "/sbin/init");
  EXPECT_EQ(files.inode("/proc/1/ns/net").value(), 4026531840U);
  EXPECT_FALSE(files.read("/proc/2/comm"));
  EXPECT_FALSE(files.link_target("/proc/1/comm"));
  EXPECT_FALSE(files.inode("/proc/1/comm"));
}

TEST(MemoryFiles, ListsAFolderOfEverythingThatWasPutIn) {
  MemoryFiles files;
  files.put("/proc/1/comm", "");
  files.put("/proc/10/comm", "");
  files.put_link("/proc/1/exe", "");
  files.put_inode("/proc/1/ns/net", 1);
  EXPECT_THAT(files.list("/proc").value(), ElementsAre("1", "10"));
  EXPECT_THAT(files.list("/proc/1").value(), ElementsAre("comm", "exe", "ns"));
  EXPECT_THAT(files.list("/proc/1/").value(), ElementsAre("comm", "exe", "ns"));
  EXPECT_FALSE(files.list("/sys"));
}

}  // namespace
}  // namespace base
