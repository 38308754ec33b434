#include "host/owners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace host {
namespace {

using testing::IsEmpty;
using testing::Key;
using testing::UnorderedElementsAre;

base::MemoryFiles two_servers() {
  base::MemoryFiles files;
  files.put("/proc/812/comm", "dnsd\n");
  files.put("/proc/812/cgroup", "0::/system.slice/dnsd.service\n");
  files.put_link("/proc/812/fd/0", "/dev/null");
  files.put_link("/proc/812/fd/3", "socket:[5001]");
  files.put_link("/proc/812/fd/4", "socket:[5002]");
  files.put("/proc/99/comm", "init of dnsd\n");
  files.put_link("/proc/99/fd/7", "socket:[5001]");
  files.put_link("/proc/99/fd/8", "anon_inode:[eventpoll]");
  files.put_link("/proc/99/fd/9", "socket:[]");
  files.put("/proc/net/snmp", "");
  return files;
}

TEST(FindOwners, NamesProcessUnitAndCgroup) {
  const auto owners = find_owners(two_servers(), {5002});
  ASSERT_THAT(owners, UnorderedElementsAre(Key(5002)));
  const auto& owner = owners.at(5002);
  EXPECT_EQ(owner.pid, 812U);
  EXPECT_EQ(owner.comm, "dnsd");
  EXPECT_EQ(owner.cgroup, "/system.slice/dnsd.service");
  EXPECT_EQ(owner.unit, "dnsd.service");
  EXPECT_FALSE(owner.container);
}

TEST(FindOwners, OfASharedSocketTheLowestPidCounts) {
  const auto owners = find_owners(two_servers(), {5001, 5002});
  ASSERT_THAT(owners, UnorderedElementsAre(Key(5001), Key(5002)));
  EXPECT_EQ(owners.at(5001).pid, 99U);
  EXPECT_EQ(owners.at(5001).cgroup, "");
  EXPECT_EQ(owners.at(5002).pid, 812U);
}

TEST(FindOwners, WithoutAReadableProcessThereIsNone) {
  EXPECT_THAT(find_owners(two_servers(), {7777}), IsEmpty());
  EXPECT_THAT(find_owners(two_servers(), {}), IsEmpty());
  EXPECT_THAT(find_owners(base::MemoryFiles{}, {5001}), IsEmpty());
}

TEST(FindOwners, FindsOurOwnSocketOnTheRunningKernel) {
  const auto files = base::system_files();
  const base::Descriptor ours(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto inode = files->inode("/proc/self/fd/" + std::to_string(ours.get()));
  ASSERT_TRUE(inode);
  const auto owners = find_owners(*files, {*inode});
  ASSERT_THAT(owners, UnorderedElementsAre(Key(*inode)));
  EXPECT_EQ(owners.at(*inode).pid, static_cast<std::uint32_t>(getpid()));
  // Under an emulator that is the emulator's name.
  const auto comm = files->read("/proc/self/comm");
  ASSERT_TRUE(comm);
  EXPECT_EQ(owners.at(*inode).comm + "\n", *comm);
}

}  // namespace
}  // namespace host
