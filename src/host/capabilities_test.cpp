#include "host/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <span>
#include <thread>

namespace host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

base::Result<Capabilities> capabilities_of(std::string status) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/status", std::move(status));
  return Capabilities::read(files);
}

TEST(Capabilities, ReadsTheEffectiveSetOnly) {
  // Bits 12, 34, 38 and 39 (linux/capability.h); a permitted one that is not raised does not count.
  const auto held = capabilities_of(
      "Name:\twhydrop\n"
      "CapPrm:\t000001ffffffffff\n"
      "CapEff:\t000000c400001000\n"
      "CapBnd:\t000001ffffffffff\n");
  ASSERT_TRUE(held);
  EXPECT_THAT(held->names(), ElementsAre("CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON", "CAP_SYSLOG"));
  EXPECT_TRUE(held->has("CAP_BPF"));
  EXPECT_FALSE(held->has("CAP_SYS_ADMIN"));
}

TEST(Capabilities, OfAnOrdinaryUserAreNone) {
  const auto held = capabilities_of("CapEff:\t0000000000000000\n");
  ASSERT_TRUE(held);
  EXPECT_TRUE(held->names().empty());
}

TEST(Capabilities, NewerThanTheLibraryHaveTheirNumber) {
  const auto held = capabilities_of("CapEff:\t8000000000000000\n");
  ASSERT_TRUE(held);
  EXPECT_THAT(held->names(), ElementsAre("CAP_63"));
}

TEST(Capabilities, GarbageIsAnError) {
  for (const auto* status : {"", "CapEff:\n", "CapEff:\tzz\n", "CapEff:\t1ffffffffffffffff\n"}) {
    const auto held = capabilities_of(status);
    ASSERT_FALSE(held) << status;
    EXPECT_THAT(held.error().what, HasSubstr("CapEff"));
  }
  EXPECT_FALSE(Capabilities::read(base::MemoryFiles{}));
}

TEST(Capabilities, AreThoseOfTheCallingThread) {
  base::Result<Capabilities> held = base::failure("not read");
  std::thread([&] {
    cap_t none = cap_init();
    EXPECT_EQ(cap_set_proc(none), 0);
    cap_free(none);
    held = Capabilities::read(*base::system_files());
  }).join();
  ASSERT_TRUE(held);
  EXPECT_TRUE(held->names().empty());
}

TEST(Capabilities, ThoseOfTheBoundingSetAreReadAlike) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/status", "CapEff:\t0\nCapBnd:\t0000000400000000\n");
  const auto bounding = Capabilities::read_bounding(files);
  ASSERT_TRUE(bounding);
  EXPECT_THAT(bounding->names(), ElementsAre("CAP_SYSLOG"));
}

TEST(Capabilities, WhatIsMissingIsSaidInWords) {
  const auto held = capabilities_of("CapEff:\t0000000400000000\n").value();
  constexpr std::array<std::string_view, 3> kWanted = {"CAP_BPF", "CAP_SYSLOG", "CAP_PERFMON"};
  EXPECT_EQ(held.missing_of(kWanted), "CAP_BPF and CAP_PERFMON");
  EXPECT_EQ(held.missing_of(std::span(kWanted).subspan(1, 1)), "");
}

// In a child, which has one thread and nothing to lose. 0 = as it should be.
int give_up_all_but_one() {
  constexpr std::array<std::string_view, 1> kKeep = {"CAP_NET_ADMIN"};
  const auto files = base::system_files();
  const auto before = Capabilities::read(*files);
  const auto bounding = Capabilities::read_bounding(*files);
  if (!before || !bounding) return 1;
  if (!give_up_capabilities(*files, kKeep)) return 2;
  const auto after = Capabilities::read(*files);
  const auto expected = before->has("CAP_NET_ADMIN") ? 1U : 0U;
  if (!after || after->names().size() != expected) return 3;
  const auto bound = Capabilities::read_bounding(*files);
  if (!bound || (before->has("CAP_SETPCAP") && bound->names().size() > 1)) return 4;
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 5;
  return 0;
}

TEST(GiveUpCapabilities, LeavesWhatIsKeptAndNoWayBack) {
  const pid_t child = fork();
  if (child == 0) _exit(give_up_all_but_one());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(GiveUpCapabilities, TryingWhatMapsNeedTakesNothingAway) {
  const auto files = base::system_files();
  const auto before = Capabilities::read(*files).value().names();
  (void)maps_need_cap_bpf();
  EXPECT_EQ(Capabilities::read(*files).value().names(), before);
}

TEST(GiveUpCapabilities, WithSeveralThreadsItIsRefused) {
  std::thread([] { EXPECT_FALSE(give_up_capabilities(*base::system_files(), {})); }).join();
}

}  // namespace
}  // namespace host
