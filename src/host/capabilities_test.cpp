#include "host/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/capability.h>

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

}  // namespace
}  // namespace host
