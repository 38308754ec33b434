#include "lab/world.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

TEST(World, NamespacesOfOthersAreNotOurs) {
  EXPECT_EQ(run_of_netns("wdlab-812-server"), 812);
  EXPECT_EQ(run_of_netns("wdlab-812-to-server"), 812);
  EXPECT_FALSE(run_of_netns("wdlab-server"));
  EXPECT_FALSE(run_of_netns("wdlab-x-server"));
  EXPECT_FALSE(run_of_netns("web-812-server"));
}

// Synthetic: the fields before the start time are what matters.
constexpr auto kStat = "812 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 98765 20 21";

TEST(World, TheStartOfAProcessIsFoundBehindAnyName) {
  base::MemoryFiles files;
  files.put("/proc/812/stat", kStat);
  files.put("/proc/813/stat", "813 (short) S 1 2");
  EXPECT_EQ(start_of_process(files, 812), 98765U);
  EXPECT_FALSE(start_of_process(files, 813));
  EXPECT_FALSE(start_of_process(files, 814));
}

TEST(World, ARunLivesAsLongAsItsOwnProcess) {
  base::MemoryFiles files;
  EXPECT_FALSE(is_alive(files, 812));
  files.put("/run/whydrop-lab/812/start", "98765\n");
  EXPECT_FALSE(is_alive(files, 812));
  files.put("/proc/812/stat", kStat);
  EXPECT_TRUE(is_alive(files, 812));
  // The number was given to another process since.
  files.put("/run/whydrop-lab/812/start", "11\n");
  EXPECT_FALSE(is_alive(files, 812));
}

TEST(World, ARunOfAnotherProcessIdNamespaceIsLeftAlone) {
  base::MemoryFiles files;
  files.put_inode("/proc/self/ns/pid", 4026531836);
  files.put("/run/whydrop-lab/812/start", "98765 4026532999\n");
  EXPECT_TRUE(is_alive(files, 812));
  files.put("/run/whydrop-lab/812/start", "98765 4026531836\n");
  EXPECT_FALSE(is_alive(files, 812));
}

}  // namespace
}  // namespace lab
