#include "render/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace render {
namespace {

using model::CheckState;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Synthetic, in the words of a run as an ordinary user.
model::Doctor sample() {
  model::Doctor doctor{.version = "0.1.0", .host = {}, .uid = 1000, .checks = {}};
  doctor.host = {.id = "5f0e4c7d4f5e9a51",
                 .name = "web-3",
                 .arch = "x86_64",
                 .os = "Debian GNU/Linux 12 (bookworm)",
                 .kernel = "6.1.0-18-amd64",
                 .virt = "none",
                 .boot_id = "2b1a5f0e-4c7d-4f5e-9a51-3c2f1c8f7e10",
                 .uptime_s = 5842,
                 .cpus = 8,
                 .memory_bytes = 16ULL << 30,
                 .labels = {}};
  doctor.checks = {
      {.group = "kernel", .id = "kernel.version", .title = "version", .found = "6.1.0-18-amd64"},
      {.group = "kernel",
       .id = "kernel.btf",
       .title = "BTF",
       .found = "types of the running kernel, 79 drop reasons have names",
       .ms = 12.3456},
      {.group = "tracing",
       .id = "tracing.drops",
       .title = "drops",
       .state = CheckState::kMissing,
       .rung = "counters",
       .found = "load the drops probe: Operation not permitted",
       .loses = "place, reason, flow and owner of each drop, and every drop that no counter counts",
       .enable = "needs CAP_BPF and CAP_PERFMON (or root), and a kernel and container that do not "
                 "forbid bpf(2)",
       .ms = 1.5},
      {.group = "tracing",
       .id = "tracing.others",
       .title = "other tracers",
       .state = CheckState::kNoted,
       .found = "none on kfree_skb, as far as can be seen without CAP_SYS_ADMIN"}};
  return doctor;
}

// The same host, seen as root.
model::Doctor whole_sample() {
  auto doctor = sample();
  doctor.uid = 0;
  auto& drops = doctor.checks[2];
  drops.state = CheckState::kOk;
  drops.rung = "tp_btf";
  drops.found = "each drop is counted in the kernel";
  drops.loses = drops.enable = "";
  return doctor;
}

void expect_golden(const std::string& file, const std::string& actual) {
  const auto path = std::string(WHYDROP_CAPTURES) + "/../golden/" + file;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  std::ifstream stream(path);
  ASSERT_TRUE(stream) << "no " << path << "; UPDATE_GOLDEN=1 makes it";
  std::ostringstream expected;
  expected << stream.rdbuf();
  EXPECT_EQ(actual, expected.str()) << file;
}

TEST(DoctorText, Golden) {
  expect_golden("doctor.txt", terminal(sample(), {}));
  expect_golden("doctor_80.txt", terminal(sample(), {.columns = 80}));
  expect_golden("doctor_colour.txt", terminal(sample(), {.colour = true}));
  expect_golden("doctor_whole.txt", terminal(whole_sample(), {}));
  expect_golden("doctor.json", nlohmann::ordered_json::parse(json(sample())).dump(1) + "\n");
}

TEST(DoctorText, TheAnswerComesFirstAndAloneWhenQuiet) {
  const auto text = terminal(sample(), {.verbosity = -1});
  EXPECT_THAT(text, StartsWith("PARTIAL DIAGNOSIS  1 of 4 checks failed; drops cannot be traced"));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_THAT(terminal(whole_sample(), {}), StartsWith("FULL DIAGNOSIS"));
}

TEST(DoctorText, ALowerRungThanTheBestIsSaidInTheHeadline) {
  auto doctor = whole_sample();
  doctor.checks[2].state = CheckState::kMissing;
  doctor.checks[2].rung = "tracepoint";
  EXPECT_THAT(terminal(doctor, {.verbosity = -1}), HasSubstr("drops are traced in part"));
}

TEST(DoctorText, ColourIsNeverTheOnlySign) {
  auto text = terminal(sample(), {.colour = true});
  EXPECT_THAT(text, HasSubstr("\x1b["));
  while (text.find('\x1b') != std::string::npos) {
    const auto at = text.find('\x1b');
    text.erase(at, text.find('m', at) + 1 - at);
  }
  EXPECT_EQ(text, terminal(sample(), {}));
}

TEST(DoctorText, NamesFromOutsideAreMadePrintable) {
  auto doctor = sample();
  doctor.host.name = "evil\x1b[2J";
  doctor.checks[3].found = "tracer\x1b]0;title\a (pid 1)";
  EXPECT_THAT(terminal(doctor, {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal(doctor, {}), HasSubstr("\\x1b"));
}

TEST(DoctorJson, SaysWhatDoesNotApplyAsNull) {
  const auto document = nlohmann::json::parse(json(sample()));
  EXPECT_EQ(document["schema"], "whydrop.doctor/1");
  EXPECT_EQ(document["complete"], false);
  EXPECT_EQ(document["missing"], 1);
  const auto& checks = document["checks"];
  ASSERT_EQ(checks.size(), 4U);
  EXPECT_TRUE(checks[0]["ms"].is_null());
  EXPECT_TRUE(checks[0]["rung"].is_null());
  EXPECT_EQ(checks[1]["ms"], 12.346);
  EXPECT_EQ(checks[2]["state"], "missing");
  EXPECT_EQ(nlohmann::json::parse(json(whole_sample()))["complete"], true);
}

TEST(DoctorJson, SurvivesBytesThatAreNoText) {
  auto doctor = sample();
  doctor.checks[3].found = "\xff\xfe";
  EXPECT_TRUE(nlohmann::json::accept(json(doctor)));
}

}  // namespace
}  // namespace render
