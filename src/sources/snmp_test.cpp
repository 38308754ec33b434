#include "sources/snmp.h"

#include <gmock/gmock.h>

#include <iterator>
#include <map>
#include <sstream>

#include "sources/capture.h"

namespace sources {

extern const Source snmp;

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using namespace testing_support;

constexpr std::string_view kLabels = "{netns=\"7\"}";

Look pairs_of(std::string_view text, std::string_view before = "") {
  Look look;
  parse_snmp_pairs("snmp", text, before, kLabels, look);
  return look;
}

Look lines_of(std::string_view text, std::string_view before = "") {
  Look look;
  parse_snmp6(text, before, kLabels, look);
  return look;
}

std::string id(const std::string& name) {
  return name + std::string(kLabels);
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Every field of a file as FILE.Group.Field, read independently of the parser.
std::map<std::string, std::uint64_t> fields_of(const std::string& file,
                                               const std::string& content) {
  std::map<std::string, std::uint64_t> fields;
  std::istringstream text(content);
  std::string names_line;
  std::string numbers_line;
  while (std::getline(text, names_line) && std::getline(text, numbers_line)) {
    const auto names = words_of(names_line);
    const auto numbers = words_of(numbers_line);
    for (std::size_t at = 1; at < names.size(); ++at) {
      std::string name = file + '.' + names[0];
      name.back() = '.';
      name += names[at];
      fields[name] = std::stoull(numbers.at(at));
    }
  }
  for (const std::string setting : {"Ip.Forwarding", "Ip.DefaultTTL", "Tcp.RtoAlgorithm",
                                    "Tcp.RtoMin", "Tcp.RtoMax", "Tcp.MaxConn"}) {
    fields.erase("snmp." + setting);
  }
  return fields;
}

TEST(Snmp, TellsEveryFieldByNameOnEveryKernelCaptured) {
  const auto kernels = kernels_with("snmp");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    for (const std::string file : {"snmp", "netstat"}) {
      Look look;
      parse_snmp_pairs(file, capture(kernel, file), "", kLabels, look);
      const auto fields = fields_of(file, capture(kernel, file));
      EXPECT_GT(fields.size(), 60U) << kernel << ' ' << file;
      EXPECT_EQ(look.counters.size() + look.gauges.size(), fields.size()) << kernel << ' ' << file;
      for (const auto& [name, value] : fields) {
        const auto& snapshot = name.ends_with("CurrEstab") ? look.gauges : look.counters;
        EXPECT_THAT(snapshot, Contains(Pair(id(name), value))) << kernel;
      }
    }
  }
}

TEST(Snmp6, TellsEveryLineOnEveryKernelCaptured) {
  const auto kernels = kernels_with("snmp6");
  ASSERT_THAT(kernels, SizeIs(testing::Ge(2U)));
  for (const auto& kernel : kernels) {
    const Look look = lines_of(capture(kernel, "snmp6"));
    std::istringstream text(capture(kernel, "snmp6"));
    std::size_t told = 0;
    std::string name;
    for (std::uint64_t value = 0; text >> name >> value; ++told) {
      EXPECT_THAT(look.counters, Contains(Pair(id("snmp6." + name), value))) << kernel;
    }
    EXPECT_EQ(look.counters.size(), told) << kernel;
    EXPECT_GT(told, 60U) << kernel;
  }
}

// The world that was captured lost most of 200 datagrams to a receiver that does not read.
TEST(Snmp, TellsTheLossOfTheCapturedReceiver) {
  for (const auto& kernel : kernels_with("snmp")) {
    const Look look = pairs_of(capture(kernel, "snmp"));
    EXPECT_THAT(look.counters,
                Contains(Pair(id("snmp.Udp.RcvbufErrors"),
                              testing::AllOf(testing::Gt(100U), testing::Lt(200U)))));
    EXPECT_THAT(look.gauges, ElementsAre(Pair(id("snmp.Tcp.CurrEstab"), 6U))) << kernel;
    EXPECT_THAT(look.counters, Not(Contains(Key(id("snmp.Tcp.MaxConn"))))) << kernel;
  }
}

TEST(Snmp, FieldsAreTakenByNameWhereverTheyStand) {
  const Look look = pairs_of("Udp: NewField RcvbufErrors\nUdp: 5 6\n");
  EXPECT_THAT(look.counters, ElementsAre(Pair(id("snmp.Udp.NewField"), 5U),
                                         Pair(id("snmp.Udp.RcvbufErrors"), 6U)));
}

TEST(Snmp, AMalformedPairIsSkippedAndTheRestIsRead) {
  const std::string good = "Udp: NoPorts\nUdp: 3\n";
  EXPECT_THAT(pairs_of("").counters, IsEmpty());
  EXPECT_THAT(pairs_of("Udp: NoPorts\n").counters, IsEmpty());
  // Names without numbers or the other way round: nobody knows which number is whose.
  EXPECT_THAT(pairs_of("Ip: A B\nIp: 1\n" + good).counters,
              ElementsAre(Pair(id("snmp.Udp.NoPorts"), 3U)));
  EXPECT_THAT(pairs_of("Ip: A\nIp: 1 2\n" + good).counters, SizeIs(1));
  // A line without its partner.
  EXPECT_THAT(pairs_of("Ip: A B\n" + good).counters, SizeIs(1));
  EXPECT_THAT(pairs_of("garbage\n\n: \n" + good).counters, SizeIs(1));
  // A number that is none, below 0 or beyond 64 bits is left out alone.
  EXPECT_THAT(pairs_of("Ip: A B C D\nIp: x 2 -1 18446744073709551616\n").counters,
              ElementsAre(Pair(id("snmp.Ip.B"), 2U)));
}

TEST(Snmp6, AMalformedLineIsSkippedAndTheRestIsRead) {
  EXPECT_THAT(lines_of("").counters, IsEmpty());
  EXPECT_THAT(lines_of("A\nB x\nC 1 2\n\n 9\nUdp6NoPorts \t 18446744073709551615").counters,
              ElementsAre(Pair(id("snmp6.Udp6NoPorts"), UINT64_MAX)));
}

TEST(Snmp, OnlyChangedNumbersAreToldAgain) {
  const std::string before = "Ip: A B\nIp: 1 2\nUdp: C\nUdp: 3\n";
  EXPECT_THAT(pairs_of(before, before).counters, IsEmpty());
  EXPECT_THAT(pairs_of("Ip: A B\nIp: 1 5\nUdp: C\nUdp: 3\n", before).counters,
              ElementsAre(Pair(id("snmp.Ip.B"), 5U)));
  // A pair that was not there, in the middle, as IcmpMsg comes with its first message.
  EXPECT_THAT(
      pairs_of("Ip: A B\nIp: 1 2\nIcmpMsg: T\nIcmpMsg: 1\nUdp: C\nUdp: 3\n", before).counters,
      ElementsAre(Pair(id("snmp.IcmpMsg.T"), 1U)));
  // New names: the old numbers are of no use.
  EXPECT_THAT(pairs_of("Ip: B A\nIp: 1 2\n", before).counters, SizeIs(2));
}

TEST(Snmp6, OnlyChangedLinesAreToldAgain) {
  EXPECT_THAT(lines_of("A 1\nB 2\n", "A 1\nB 1\n").counters, ElementsAre(Pair(id("snmp6.B"), 2U)));
  EXPECT_THAT(lines_of("A 1\nX 1\nB 1\n", "A 1\nB 1\n").counters, SizeIs(3));
}

// What is told over several reads with memory adds up to what one read without it tells.
TEST(Snmp, TheLastWordOnEveryCounterIsThatOfAFullRead) {
  base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  Memory memory;
  const auto read = [&](Memory* with) {
    Look look;
    snmp.read({.files = files, .netlink = netlink, .netns = "7", .memory = with}, look);
    EXPECT_THAT(look.blind_spots, IsEmpty());
    return look;
  };
  model::Snapshot latest;
  for (const std::string kernel : {"5.10", "6.18", "6.1", "6.18"}) {
    for (const std::string file : {"snmp", "netstat", "snmp6"}) {
      files.put("/proc/thread-self/net/" + file, capture(kernel, file));
    }
    for (const auto& [name, value] : read(&memory).counters) latest[name] = value;
    for (const auto& [name, value] : read(nullptr).counters) {
      EXPECT_THAT(latest, Contains(Pair(name, value))) << kernel;
    }
    EXPECT_THAT(read(&memory).counters, IsEmpty());
  }
}

TEST(Snmp, WithoutIpv6NothingIsBlindWithoutIpv4Something) {
  base::MemoryFiles files;
  const base::MemoryNetlink netlink;
  files.put("/proc/42/net/snmp", capture("6.18", "snmp"));
  files.put("/proc/42/net/netstat", capture("6.18", "netstat"));
  const auto read = [&](const std::string& proc_net) {
    Look look;
    snmp.read({.files = files, .netlink = netlink, .netns = "7", .proc_net = proc_net}, look);
    return look;
  };
  EXPECT_THAT(read("/proc/42/net").blind_spots, IsEmpty());
  const Look blind = read("/proc/43/net");
  ASSERT_THAT(blind.blind_spots, SizeIs(testing::Ge(1U)));
  EXPECT_THAT(blind.blind_spots[0].why, testing::HasSubstr("/proc/43/net/snmp"));
}

TEST(Snmp, DamagedTextIsReadWithoutHarm) {
  const std::string sound = capture("6.18", "snmp");
  ASSERT_FALSE(sound.empty());
  with_damage(sound, 3000, [&](const std::string& text) {
    for (const auto& [name, value] : pairs_of(text, sound).counters) {
      EXPECT_TRUE(name.starts_with("snmp.") && name.ends_with(kLabels)) << name << value;
    }
  });
  const std::string sound6 = capture("6.18", "snmp6");
  with_damage(sound6, 3000, [&](const std::string& text) {
    for (const auto& [name, value] : lines_of(text, sound6).counters) {
      EXPECT_TRUE(name.starts_with("snmp6.") && name.ends_with(kLabels)) << name << value;
    }
  });
}

}  // namespace
}  // namespace sources
