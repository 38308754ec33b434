// The outputs against tests/golden/. UPDATE_GOLDEN=1 writes the files anew; then read the diff.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "render/render.h"
#include "render/samples.h"

namespace render {
namespace {

struct Golden {
  const char* name;
  model::Diagnosis (*make)();
  TerminalStyle style;
};

std::string golden_path(const std::string& file) {
  return std::string(WHYDROP_CAPTURES) + "/../golden/" + file;
}

void expect_golden(const std::string& file, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden_path(file)) << actual;
    return;
  }
  std::ifstream stream(golden_path(file));
  ASSERT_TRUE(stream) << "no " << golden_path(file) << "; UPDATE_GOLDEN=1 makes it";
  std::ostringstream expected;
  expected << stream.rdbuf();
  EXPECT_EQ(actual, expected.str()) << file;
}

class GoldenTest : public testing::TestWithParam<Golden> {};

TEST_P(GoldenTest, Terminal) {
  const auto& [name, make, style] = GetParam();
  expect_golden(std::string(name) + ".txt", terminal(make(), style));
}

INSTANTIATE_TEST_SUITE_P(Samples, GoldenTest,
                         testing::Values(Golden{"healthy", healthy_sample, {}},
                                         Golden{"loss", loss_sample, {}},
                                         Golden{"loss_80", loss_sample, {.columns = 80}},
                                         Golden{"loss_colour", loss_sample, {.colour = true}},
                                         Golden{"mixed", mixed_sample, {}},
                                         Golden{"mixed_verbose", mixed_sample, {.verbosity = 1}},
                                         Golden{"mixed_80", mixed_sample, {.columns = 80}},
                                         Golden{"inconclusive", inconclusive_sample, {}},
                                         Golden{"hostile", hostile_sample, {}},
                                         Golden{"quiet", loss_sample, {.verbosity = -1}}),
                         [](const auto& one) { return std::string(one.param.name); });

// One line is for programs; the golden file is folded for people.
TEST(GoldenJson, Documents) {
  for (const auto& [name, make, style] :
       {Golden{"healthy", healthy_sample, {}}, Golden{"loss", loss_sample, {}},
        Golden{"mixed", mixed_sample, {}}, Golden{"inconclusive", inconclusive_sample, {}},
        Golden{"hostile", hostile_sample, {}}}) {
    const auto text = json(make());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    expect_golden(std::string(name) + ".json", nlohmann::ordered_json::parse(text).dump(1) + "\n");
  }
}

}  // namespace
}  // namespace render
