#include "formats/evidence_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "formats/byte_text.h"
#include "formats/random_evidence.h"

namespace formats {
namespace {

using testing::HasSubstr;

std::string complaint(std::string_view text) {
  const auto evidence = read_evidence(text);
  return evidence ? "" : evidence.error().what;
}

// The smallest document, with `fields` after the schema.
std::string with(const std::string& fields) {
  return R"({"schema":"whydrop.evidence/1",)" + fields + "}";
}

template <class T>
class Described : public testing::Test {};

using Types =
    testing::Types<model::Host, model::Netns, model::DevicePeer, model::Device, model::Window,
                   model::Window::Gap, model::Thresholds, model::Series, model::Series::Step,
                   model::Timeline, model::BurstSlot, model::DropTally, model::Flow,
                   model::DropSample, model::DropTrace, model::Owner, model::TcpInfo, model::Socket,
                   model::KernelMessage, model::BlindSpot, model::Cost, model::Evidence>;
TYPED_TEST_SUITE(Described, Types);

// A member added to the model and forgotten here would be lost on the way through a file.
TYPED_TEST(Described, HasEveryMember) {
  TypeParam value{};
  CountingArchive archive;
  if constexpr (HasElements<TypeParam>) {
    elements(archive, value);
  } else {
    fields(archive, value);
  }
  EXPECT_EQ(archive.described, members_of<TypeParam>());
}

TEST(EvidenceFile, RoundTripKeepsEveryField) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto evidence = RandomEvidence(seed).make();
    const auto text = write_evidence(evidence);
    const auto again = read_evidence(text);
    ASSERT_TRUE(again.has_value()) << seed << ": " << again.error().what;
    ASSERT_EQ(*again, evidence) << seed;
    ASSERT_EQ(write_evidence(*again), text) << seed;
  }
}

TEST(EvidenceFile, KeepsExactNumbersAsText) {
  model::Evidence evidence;
  evidence.timeline.add_point(0);
  evidence.timeline.counters["softnet.dropped{cpu=\"0\",shared=\"host\"}"].add(0, UINT64_MAX);
  evidence.host.memory_bytes = UINT64_MAX;
  const auto text = write_evidence(evidence);
  EXPECT_THAT(text, HasSubstr(R"("steps":[[0,"18446744073709551615"]])"));
  EXPECT_THAT(text, HasSubstr(R"("memory_bytes":"18446744073709551615")"));
  EXPECT_TRUE(text.starts_with(R"({"schema":"whydrop.evidence/1",)"));
}

// 600 counters over 10 s; one in twenty moves at every point.
TEST(EvidenceFile, IdleHostStaysSmall) {
  model::Evidence evidence;
  for (int point = 0; point <= 100; ++point) evidence.timeline.add_point(point * 100'000'000LL);
  for (int number = 0; number < 600; ++number) {
    auto& series = evidence.timeline.counters[model::counter_id(
        "netstat.TcpExt.SomeCounter" + std::to_string(number), {{"netns", "4026531840"}})];
    for (std::uint32_t point = 0; point <= 100; ++point) {
      series.add(point, number % 20 == 0 ? 1'000'000 + point : 1'000'000);
    }
  }
  EXPECT_LT(write_evidence(evidence).size(), 1U << 20);
}

TEST(EvidenceFile, CutOffAnywhereIsAnError) {
  const auto text = write_evidence(RandomEvidence(7).make());
  for (size_t fiftieth = 0; fiftieth < 50; ++fiftieth) {
    const auto what = complaint(std::string_view(text).substr(0, text.size() * fiftieth / 50));
    EXPECT_THAT(what, testing::AnyOf(HasSubstr("cut off at byte"), HasSubstr("is empty")))
        << fiftieth;
  }
}

// Whatever is done to a file, reading it ends in evidence or in an error.
TEST(EvidenceFile, DamagedBytesNeverCrash) {
  std::mt19937_64 random(20261122);
  int readable = 0;
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto text = write_evidence(RandomEvidence(seed).make());
    for (int round = 0; round < 50; ++round) {
      auto damaged = text;
      for (auto left = 1 + random() % 4; left > 0; --left) {
        const size_t at = random() % damaged.size();
        constexpr std::string_view kLetters = "0123456789-.e\"{}[],:\\ntfu\xef\x9e";
        if (random() % 3 == 0) {
          damaged.erase(at, 1 + random() % 8);
        } else {
          damaged[at] = kLetters[random() % kLetters.size()];
        }
      }
      const auto evidence = read_evidence(damaged);
      ++(evidence ? readable : refused);
      if (evidence) {
        ASSERT_TRUE(read_evidence(write_evidence(*evidence)).has_value());
      } else {
        ASSERT_TRUE(evidence.error().what.starts_with("evidence: "));
      }
    }
  }
  EXPECT_GT(readable, 100);
  EXPECT_GT(refused, 100);
}

TEST(EvidenceFile, ComplaintNamesThePlace) {
  EXPECT_EQ(complaint(with(R"("devices":[{},{},{"mtu":"big"}])")),
            "evidence: devices[2].mtu is not a number");
  EXPECT_EQ(complaint(with(R"("devices":[{"ifindex":-1}])")),
            "evidence: devices[0].ifindex is out of range");
  EXPECT_EQ(complaint(with(R"("host":{"cpus":1.5})")), "evidence: host.cpus is not a whole number");
  EXPECT_EQ(complaint(with(R"("host":{"memory_bytes":12})")),
            "evidence: host.memory_bytes is not a number in quotes");
  EXPECT_EQ(complaint(with(R"("netns":{})")), "evidence: netns is not an array");
  EXPECT_EQ(complaint(with(R"("sockets":[{"netns":null}])")),
            "evidence: sockets[0].netns is not text");
  EXPECT_EQ(complaint(with(R"("blind_spots":[{"stages":["moon"]}])")),
            "evidence: blind_spots[0].stages[0] is not the name of a stage");
  EXPECT_EQ(
      complaint(with(R"("timeline":{"at_ns":[0],"counters":{"a.b{c=\"d\"}":{"steps":[[0]]}}})")),
      "evidence: timeline.counters['a.b{c=\"d\"}'].steps[0] has too few elements");
}

TEST(EvidenceFile, BrokenInvariantsAreRefused) {
  EXPECT_EQ(complaint(with(R"("timeline":{"at_ns":[0,5,4]})")),
            "evidence: timeline.at_ns[2] goes back");
  EXPECT_EQ(complaint(with(
                R"("timeline":{"at_ns":[0],"gauges":{"g":{"last_read":9,"steps":[[9,"1"]]}}})")),
            "evidence: timeline.gauges.g was read at a point that timeline.at_ns lacks");
  EXPECT_EQ(complaint(with(R"("timeline":{"at_ns":[0,1],"gauges":{"g":{"last_read":1,)"
                           R"("steps":[[1,"1"],[0,"2"]]}}})")),
            "evidence: timeline.gauges.g has steps out of order");
  EXPECT_EQ(complaint(with(R"("drops":{"samples":[{"tally":0}]})")),
            "evidence: drops.samples[0].tally is not an index of drops.tallies");
}

TEST(EvidenceFile, ForeignFilesAreNamedAsSuch) {
  EXPECT_EQ(complaint(""), "evidence: the file is empty");
  EXPECT_EQ(complaint("\x7f"
                      "ELF"),
            "evidence: not JSON at byte 1");
  EXPECT_EQ(complaint("[]"), "evidence: not evidence of whydrop: no schema");
  EXPECT_EQ(complaint("{\"a\":1}"), "evidence: not evidence of whydrop: no schema");
  EXPECT_EQ(complaint(R"({"schema":"whydrop.diagnosis/1"})"),
            "evidence: the schema is whydrop.diagnosis/1, not whydrop.evidence/1");
  EXPECT_EQ(complaint("{\"schema\":\"\x1b[31m\"}"), "evidence: not JSON at byte 12");
  EXPECT_EQ(complaint(with("\"host\":{\"cpus\":1e999}")),
            "evidence: holds a number that no program can");
}

TEST(EvidenceFile, NestedWithoutEndIsRefused) {
  EXPECT_EQ(complaint(std::string(5'000'000, '[')), "evidence: nested deeper than 32 levels");
  std::string objects;
  for (int level = 0; level < 100'000; ++level) objects += "{\"a\":";
  EXPECT_EQ(complaint(objects), "evidence: nested deeper than 32 levels");
}

TEST(EvidenceFile, HugeArraysAreReadOrRefused) {
  std::string many = "0";
  for (int count = 0; count < 300'000; ++count) many += ",0";
  EXPECT_EQ(complaint(with("\"netns\":[" + many + "]")), "evidence: netns[0] is not an object");
  EXPECT_EQ(complaint(with("\"drops\":{\"tallies\":[{\"series\":[" + many + "]}]}")), "");
}

TEST(EvidenceFile, UnknownFieldsAreIgnoredAndMissingOnesTakeDefaults) {
  const auto evidence = read_evidence(with(R"("of_tomorrow":[{"x":1}],"version":"9")"));
  ASSERT_TRUE(evidence.has_value());
  model::Evidence expected;
  expected.version = "9";
  EXPECT_EQ(*evidence, expected);
}

// docs/schema/evidence.json knows the format of an inode number, the generator does not.
void name_namespaces(model::Evidence& evidence) {
  evidence.host.cpus = 4;
  for (auto& netns : evidence.netns) netns.id = "4026531840";
  for (auto& device : evidence.devices) {
    device.netns = "4026531840";
    if (device.peer) device.peer->netns = "";
  }
  for (auto& tally : evidence.drops.tallies) tally.netns = "";
  for (auto& socket : evidence.sockets) socket.netns = "4026531840";
  for (auto& route : evidence.special_routes) route.netns = "4026531840";
  for (auto& lookup : evidence.route_lookups) lookup.netns = "4026531840";
  for (auto& neighbour : evidence.neighbours) neighbour.netns = "4026531840";
  for (auto& program : evidence.path_programs) program.netns = "4026531840";
  for (auto& chain : evidence.firewall_chains) chain.netns = "4026531840";
}

TEST(EvidenceFile, MatchesItsSchema) {
  const auto path = testing::TempDir() + "whydrop_evidence." + std::to_string(getpid());
  std::ofstream file(path);
  file << write_evidence({});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto evidence = RandomEvidence(seed).make();
    name_namespaces(evidence);
    file << write_evidence(evidence);
  }
  file.close();
  const std::string tests = std::string(WHYDROP_CAPTURES) + "/../";
  const auto command = "python3 '" + tests + "schema/validate.py' --lines '" + path + "' '" +
                       tests + "../docs/schema/evidence.json'";
  const int status = std::system(command.c_str());
  unlink(path.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "needs python3-jsonschema";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ByteText, IsOneToOne) {
  const std::string broken = "eth\xff\xc3\x28\xed\xa0\x80\xf8";
  EXPECT_EQ(bytes_of_text(text_of_bytes(broken)), broken);
  EXPECT_EQ(text_of_bytes("\xc3\xa9t\xc3\xa9"), "\xc3\xa9t\xc3\xa9");
  EXPECT_EQ(text_of_bytes("\xff"), "\xef\x9f\xbf");
  EXPECT_NE(text_of_bytes("\xef\x9f\xbf"), text_of_bytes("\xff"));
}

}  // namespace
}  // namespace formats
