#include "cli/rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli {
namespace {

using model::CheckState;
using testing::HasSubstr;

constexpr auto kNone = "0000000000000000";
constexpr auto kAll = "000001ffffffffff";

host::Standing standing(const std::string& effective, const std::string& bounding) {
  base::MemoryFiles files;
  files.put("/proc/thread-self/status", "CapEff:\t" + effective + "\nCapBnd:\t" + bounding + "\n");
  return {.path = "/usr/bin/whydrop",
          .held = host::Capabilities::read(files).value(),
          .bounding = host::Capabilities::read_bounding(files).value()};
}

// The names of functions are missing, and nothing else.
model::Doctor doctor() {
  model::Doctor doctor;
  doctor.checks = {{.id = "tracing.drops", .state = CheckState::kOk},
                   {.id = "tracing.symbols", .state = CheckState::kMissing}};
  return doctor;
}

std::vector<model::Check> rights_of(const model::Doctor& doctor) {
  return {doctor.checks.begin() + 2, doctor.checks.end()};
}

TEST(Rights, CountOnlyWhereTheyWouldHelp) {
  auto nobodys = doctor();
  add_rights(standing(kNone, kAll), nobodys);
  for (const auto& check : rights_of(nobodys)) {
    const bool helps = check.title == "CAP_SYSLOG";
    EXPECT_EQ(check.state, helps ? CheckState::kMissing : CheckState::kNoted) << check.title;
    EXPECT_EQ(check.enable, helps ? "root, or the command below" : "");
  }
  EXPECT_EQ(nobodys.grant.command, "setcap cap_syslog+ep /usr/bin/whydrop");
}

TEST(Rights, OfRootAreAllThere) {
  auto roots = doctor();
  add_rights(standing(kAll, kAll), roots);
  EXPECT_EQ(rights_of(roots).size(), 7U);
  for (const auto& check : rights_of(roots)) EXPECT_EQ(check.state, CheckState::kOk) << check.title;
  EXPECT_EQ(roots.grant, model::Grant());
}

TEST(Rights, OutsideTheBoundingSetNoCommandIsPromised) {
  auto bound = doctor();
  add_rights(standing(kNone, kNone), bound);
  EXPECT_THAT(model::find_check(bound, "rights.CAP_SYSLOG")->enable, HasSubstr("bounding set"));
  EXPECT_EQ(bound.grant.command, "");
}

}  // namespace
}  // namespace cli
