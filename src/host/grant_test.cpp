#include "host/grant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kNone = "0000000000000000";
constexpr auto kAll = "000001ffffffffff";
constexpr auto kBpf = "0000008000000000";
constexpr auto kSyslog = "0000000400000000";

base::MemoryFiles proc(const std::string& effective, const std::string& bounding) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/status",
            "NoNewPrivs:\t0\nCapEff:\t" + effective + "\nCapBnd:\t" + bounding + "\n");
  files.put_link("/proc/self/exe", "/opt/why drop/whydrop");
  return files;
}

// An ordinary user with these.
Standing standing(const std::string& effective, const std::string& bounding = kAll) {
  auto read = read_standing(proc(effective, bounding)).value();
  read.is_root = read.is_nosuid = false;
  return read;
}

TEST(Standing, IsReadFromProc) {
  const auto read = read_standing(proc(kBpf, kAll));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->path, "/opt/why drop/whydrop");
  EXPECT_THAT(read->held.names(), ElementsAre("CAP_BPF"));
  EXPECT_TRUE(read->bounding.has("CAP_SYS_ADMIN"));
  EXPECT_FALSE(read->no_new_privs);
  auto files = proc(kBpf, kAll);
  files.put("/proc/thread-self/status", "NoNewPrivs:\t1\nCapEff:\t0\nCapBnd:\t0\n");
  EXPECT_TRUE(read_standing(files)->no_new_privs);
  EXPECT_FALSE(read_standing(base::MemoryFiles()));
}

TEST(CapabilitiesIn, AreTheWordsThatNameThem) {
  EXPECT_THAT(capabilities_in("CAP_BPF and CAP_PERFMON, or a newer kernel (not CAP_BPF)"),
              ElementsAre("CAP_BPF", "CAP_PERFMON"));
  EXPECT_THAT(capabilities_in("CAP_DAC_READ_SEARCH"), ElementsAre("CAP_DAC_READ_SEARCH"));
  EXPECT_THAT(capabilities_in("a newer kernel"), IsEmpty());
}

TEST(GrantOf, OneCommandHoldsAllThatIsMissing) {
  const auto grant = grant_of(standing(kNone), {"CAP_BPF", "CAP_PERFMON"});
  EXPECT_EQ(grant.command, "setcap cap_bpf,cap_perfmon+ep '/opt/why drop/whydrop'");
  EXPECT_EQ(grant.obstacle, "");
}

// setcap replaces: without them the next run would have the one and lack the other.
TEST(GrantOf, WhatIsHeldStaysInTheCommand) {
  EXPECT_EQ(grant_of(standing(kBpf), {"CAP_BPF", "CAP_SYSLOG"}).command,
            "setcap cap_bpf,cap_syslog+ep '/opt/why drop/whydrop'");
}

TEST(GrantOf, NothingIsMissingNothingIsSaid) {
  EXPECT_EQ(grant_of(standing(kBpf), {"CAP_BPF"}), model::Grant());
  EXPECT_EQ(grant_of(standing(kNone), {}), model::Grant());
}

// A file with such a capability in its effective set could not even be executed (execve: EPERM).
TEST(GrantOf, WhatIsOutsideTheBoundingSetIsLeftOutOfTheCommand) {
  const auto grant = grant_of(standing(kNone, kSyslog), {"CAP_BPF", "CAP_SYSLOG"});
  EXPECT_EQ(grant.command, "setcap cap_syslog+ep '/opt/why drop/whydrop'");
  EXPECT_THAT(grant.obstacle, HasSubstr("CAP_BPF: only what starts whydrop"));
}

TEST(GrantOf, WhereNoFileCanGiveThemNoCommandIsPromised) {
  auto on_nosuid = standing(kNone);
  on_nosuid.is_nosuid = true;
  EXPECT_EQ(grant_of(on_nosuid, {"CAP_BPF"}).command, "");
  EXPECT_THAT(grant_of(on_nosuid, {"CAP_BPF"}).obstacle, HasSubstr("nosuid"));
  auto locked = standing(kNone);
  locked.no_new_privs = true;
  EXPECT_EQ(grant_of(locked, {"CAP_BPF"}).command, "");
  EXPECT_THAT(grant_of(locked, {"CAP_BPF"}).obstacle, HasSubstr("no_new_privs"));
  auto root = standing(kNone);
  root.is_root = true;
  EXPECT_EQ(grant_of(root, {"CAP_BPF"}).command, "");
  EXPECT_THAT(grant_of(root, {"CAP_BPF"}).obstacle, HasSubstr("root"));
}

TEST(GrantOf, EveryObstacleIsSaid) {
  auto on_nosuid = standing(kNone, kSyslog);
  on_nosuid.is_nosuid = true;
  const auto grant = grant_of(on_nosuid, {"CAP_BPF", "CAP_SYSLOG"});
  EXPECT_THAT(grant.obstacle, HasSubstr("CAP_BPF"));
  EXPECT_THAT(grant.obstacle, HasSubstr("nosuid"));
}

}  // namespace
}  // namespace host
