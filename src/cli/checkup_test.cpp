#include "cli/checkup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace cli {
namespace {

using model::CheckState;
using testing::HasSubstr;

host::Capabilities holding(const std::string& effective) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/status", "CapEff:\t" + effective + "\n");
  return host::Capabilities::read(files).value();
}
const auto kNobody = "0000000000000000";
const auto kRoot = "000001ffffffffff";

TEST(KernelVersionCheck, TheOldestIs510) {
  EXPECT_EQ(kernel_version_check("5.10.0-28-amd64").state, CheckState::kOk);
  EXPECT_EQ(kernel_version_check("6.1.0").state, CheckState::kOk);
  EXPECT_EQ(kernel_version_check("6.18.44-fc").state, CheckState::kOk);
  EXPECT_EQ(kernel_version_check("10.0").state, CheckState::kOk);
  EXPECT_EQ(kernel_version_check("5.4.0-150-generic").state, CheckState::kMissing);
  EXPECT_EQ(kernel_version_check("4.19.0").state, CheckState::kMissing);
}

TEST(KernelVersionCheck, AnOddNameIsNotJudged) {
  for (const auto* release : {"", "next", "7", "x.y"}) {
    EXPECT_EQ(kernel_version_check(release).state, CheckState::kNoted) << release;
  }
}

TEST(LockdownCheck, OnlyConfidentialityForbidsTracing) {
  EXPECT_EQ(lockdown_check("[none] integrity confidentiality\n").found, "none");
  EXPECT_EQ(lockdown_check("none [integrity] confidentiality\n").state, CheckState::kOk);
  const auto check = lockdown_check("none integrity [confidentiality]\n");
  EXPECT_EQ(check.state, CheckState::kMissing);
  EXPECT_THAT(check.enable, HasSubstr("lockdown"));
  EXPECT_EQ(lockdown_check("garbage").found, "unknown");
  EXPECT_EQ(lockdown_check("]none[").found, "unknown");
}

TEST(SymbolsCheck, ZerosAreNoAddresses) {
  base::MemoryFiles files;
  files.put("/proc/kallsyms", "0000000000000000 T _text\n0000000000000000 T udp_rcv\n");
  const auto hidden = symbols_check(files, false);
  EXPECT_EQ(hidden.state, CheckState::kMissing);
  EXPECT_EQ(hidden.rung, "addresses");
  EXPECT_THAT(hidden.enable, HasSubstr("CAP_SYSLOG"));
  EXPECT_EQ(symbols_check(files, true).rung, "kernel");
  files.put("/proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T udp_rcv\n");
  EXPECT_EQ(symbols_check(files, false).state, CheckState::kOk);
}

// What MemoryFiles has not is missing; this one refuses instead, as /proc does to strangers.
class GuardedFiles : public base::MemoryFiles {
 public:
  [[nodiscard]] base::Result<std::string> link_target(const std::string& path) const override {
    if (path.starts_with("/proc/1/")) return base::system_failure("read link " + path, EACCES);
    return MemoryFiles::link_target(path);
  }
};

TEST(OwnersCheck, ProcessesOfOthersNeedRights) {
  GuardedFiles files;
  files.put_link("/proc/1/fd/0", "/dev/null");
  files.put_link("/proc/812/fd/0", "/dev/null");
  const auto check = owners_check(files, holding(kNobody));
  EXPECT_EQ(check.state, CheckState::kMissing);
  EXPECT_EQ(check.found, "open files of 1 of 2 processes");
  EXPECT_THAT(check.enable, HasSubstr("CAP_SYS_PTRACE"));
  const auto as_root = owners_check(files, holding(kRoot));
  EXPECT_EQ(as_root.state, CheckState::kNoted) << "no right of ours would open it";
}

TEST(OwnersCheck, AllReadableIsWhole) {
  base::MemoryFiles files;
  files.put_link("/proc/812/fd/0", "/dev/null");
  EXPECT_EQ(owners_check(files, holding(kNobody)).state, CheckState::kOk);
}

TEST(SourceCheck, CountsWhatItSaw) {
  sources::Look look;
  EXPECT_EQ(source_check("kmsg", look).found, "nothing to report");
  look.counters = {{"snmp.Udp.InErrors", 0}, {"snmp.Udp.NoPorts", 3}};
  look.settings = {{"sysctl.net.core.rmem_max", "212992"}};
  const auto check = source_check("snmp", look);
  EXPECT_EQ(check.id, "sources.snmp");
  EXPECT_EQ(check.state, CheckState::kOk);
  EXPECT_EQ(check.found, "2 counters, 1 setting");
}

TEST(SourceCheck, ABlindSpotIsMissingWhateverElseWasSeen) {
  sources::Look look;
  look.counters = {{"snmp.Udp.InErrors", 0}};
  look.blind_spots = {{.what = "counters of IPv6",
                       .why = "open /proc/net/snmp6: No such file or directory",
                       .enable = "",
                       .stages = {}},
                      {.what = "counters of TCP", .why = "x", .enable = "y", .stages = {}}};
  const auto check = source_check("snmp", look);
  EXPECT_EQ(check.state, CheckState::kMissing);
  EXPECT_THAT(check.found, HasSubstr("snmp6"));
  EXPECT_THAT(check.found, HasSubstr("1 counter"));
  EXPECT_EQ(check.loses, "counters of IPv6; counters of TCP");
  EXPECT_NE(check.enable, "");
}

// On whatever kernel and with whatever rights: the promises that the schema cannot express.
TEST(CheckUp, OfTheRunningHostKeepsItsPromises) {
  const auto doctor = check_up(*base::system_files(), *base::system_netlink());
  ASSERT_TRUE(doctor) << doctor.error().what;
  std::set<std::string> ids;
  for (const auto& check : doctor->checks) {
    EXPECT_TRUE(ids.insert(check.id).second) << check.id << " stands twice";
    EXPECT_NE(check.found, "") << check.id;
    EXPECT_EQ(check.enable.empty(), check.state != CheckState::kMissing) << check.id;
    EXPECT_EQ(check.loses.empty(), check.state != CheckState::kMissing) << check.id;
  }
  for (const auto* id : {"kernel.btf", "tracing.drops", "namespaces.entered", "sources.snmp"}) {
    EXPECT_TRUE(ids.contains(id)) << id;
  }
}

}  // namespace
}  // namespace cli
