#include "record/baselines.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "record/state_folder.h"

namespace record {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class InAFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = std::filesystem::temp_directory_path() / "whydrop-baselines-XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    above_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(above_); }

  static model::Evidence evidence(const std::string& host) {
    model::Evidence made;
    made.host.name = host;
    made.timeline.add(made.timeline.add_point(0), {{"softnet.dropped", 1}}, {});
    return made;
  }

  std::string above_;
  Baselines baselines_{std::string()};
  Baselines& made() { return baselines_ = Baselines(above_ + "/state/baselines"); }
};

TEST_F(InAFolder, WhatIsSavedIsLoadedListedAndRemoved) {
  auto& baselines = made();
  EXPECT_THAT(baselines.names().value(), IsEmpty());
  ASSERT_TRUE(baselines.save("normal", evidence("one"), false));
  ASSERT_TRUE(baselines.save("Monday-2.a", evidence("two"), false));
  EXPECT_THAT(baselines.names().value(), ElementsAre("Monday-2.a", "normal"));
  EXPECT_EQ(baselines.load("normal").value(), evidence("one"));
  ASSERT_TRUE(baselines.remove("normal"));
  EXPECT_THAT(baselines.names().value(), ElementsAre("Monday-2.a"));
  EXPECT_THAT(baselines.load("normal").error().what, HasSubstr("there is no baseline 'normal'"));
  EXPECT_FALSE(baselines.remove("normal"));
}

TEST_F(InAFolder, OnlyItsOwnerMayReadIt) {
  auto& baselines = made();
  ASSERT_TRUE(baselines.save("normal", evidence("one"), false));
  struct stat about{};
  ASSERT_EQ(stat(baselines.path_of("normal").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat((above_ + "/state/baselines").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0700U);
}

TEST_F(InAFolder, NothingIsReplacedUnasked) {
  auto& baselines = made();
  ASSERT_TRUE(baselines.save("normal", evidence("one"), false));
  EXPECT_THAT(baselines.prepare("normal", false).error().what, HasSubstr("already"));
  EXPECT_FALSE(baselines.save("normal", evidence("two"), false));
  EXPECT_EQ(baselines.load("normal").value().host.name, "one");
  ASSERT_TRUE(baselines.save("normal", evidence("two"), true));
  EXPECT_EQ(baselines.load("normal").value().host.name, "two");
}

TEST_F(InAFolder, ANameLeadsNowhereElse) {
  auto& baselines = made();
  const std::string long_name(65, 'a');
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../x"), std::string("a/b"),
        std::string("-t"), std::string(".hidden"), std::string("a\nb"), std::string("a b"),
        std::string("a\0b", 3), std::string("ü"), long_name}) {
    EXPECT_FALSE(is_baseline_name(name)) << name;
    EXPECT_FALSE(baselines.prepare(name, true)) << name;
    EXPECT_FALSE(baselines.save(name, evidence("x"), true)) << name;
    EXPECT_FALSE(baselines.load(name)) << name;
    EXPECT_FALSE(baselines.remove(name)) << name;
  }
  EXPECT_TRUE(is_baseline_name(std::string(64, 'a')));
  EXPECT_FALSE(std::filesystem::exists(above_ + "/state"));
}

TEST_F(InAFolder, DamageIsSaid) {
  auto& baselines = made();
  ASSERT_TRUE(baselines.save("normal", evidence("one"), false));
  const auto path = baselines.path_of("normal");
  const auto whole = base::system_files()->read(path).value();
  const auto write = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  };
  auto flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
  for (const std::string& content :
       {flipped, whole.substr(0, whole.size() / 2), std::string(), std::string("{}")}) {
    write(content);
    const auto loaded = baselines.load("normal");
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().what, HasSubstr("baseline 'normal' (" + path + "): evidence: "));
  }
  EXPECT_THAT(baselines.names().value(), ElementsAre("normal")) << "listed, so that it can go";
  // Half of a file that was being written has another name.
  write(whole);
  std::ofstream(path + ".new.1") << "half";
  EXPECT_THAT(baselines.names().value(), ElementsAre("normal"));
}

TEST_F(InAFolder, AFolderThatCannotBeMadeIsSaid) {
  std::ofstream(above_ + "/state") << "a file";
  EXPECT_THAT(made().prepare("normal", false).error().what, HasSubstr("/state"));
}

TEST(StateFolder, IsTheOneThatWasChosen) {
  setenv("WHYDROP_STATE_DIR", "/somewhere", 1);
  EXPECT_EQ(state_folder(), "/somewhere");
  unsetenv("WHYDROP_STATE_DIR");
  EXPECT_TRUE(state_folder() == "/var/lib/whydrop" || state_folder().ends_with("/whydrop"));
}

}  // namespace
}  // namespace record
