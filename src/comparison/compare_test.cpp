#include "comparison/compare.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace comparison {
namespace {

using model::Certainty;
using model::Movement;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kPoints = 101;

// Ten seconds with a point every 100 ms, in one namespace "web".
struct Made {
  model::Evidence evidence;

  explicit Made(const model::Inode& netns = "7", const std::string& boot = "boot") : netns_(netns) {
    evidence.version = "1";
    evidence.host = {.id = "host", .name = "vm", .kernel = "6.1", .boot_id = boot};
    evidence.netns = {{.id = netns, .name = "web"}};
    evidence.window.duration_ns = 10'000'000'000;
    for (std::uint32_t at = 0; at < kPoints; ++at) evidence.timeline.add_point(at * 100'000'000LL);
  }
  // `events` of them, one after the other, spread over the window.
  Made& spread(const std::string& name, std::uint64_t events, std::uint64_t start = 1000) {
    for (std::uint32_t at = 0; at < kPoints; ++at) {
      evidence.timeline.add(at, {{id(name), start + events * at / (kPoints - 1)}}, {});
    }
    return *this;
  }
  // Read at both ends only.
  Made& ends(const std::string& name, std::uint64_t first, std::uint64_t last) {
    evidence.timeline.add(0, {{id(name), first}}, {});
    evidence.timeline.add(kPoints - 1, {{id(name), last}}, {});
    return *this;
  }
  Made& set(const std::string& name, std::string value) {
    evidence.settings[id(name)] = std::move(value);
    return *this;
  }
  [[nodiscard]] std::string id(const std::string& name) const {
    return name + "{netns=\"" + netns_ + "\"}";
  }

 private:
  model::Inode netns_;
};

model::Comparison compared(const Made& a, const Made& b) {
  return compare({"a", a.evidence}, {"b", b.evidence});
}

const model::CounterChange& of(const model::Comparison& comparison, const std::string& name) {
  const auto found = std::ranges::find_if(comparison.counters, [&](const auto& change) {
    return model::counter_name(change.id) == name;
  });
  static const model::CounterChange kNone;
  EXPECT_NE(found, comparison.counters.end()) << name;
  return found == comparison.counters.end() ? kNone : *found;
}

constexpr auto kLoss = "snmp.Udp.RcvbufErrors";
constexpr auto kDatagrams = "snmp.Udp.InDatagrams";

TEST(Compare, ADoubledLossIsMoreThanChance) {
  const auto outcome = compared(Made().spread(kLoss, 50).spread(kDatagrams, 10000),
                                Made().spread(kLoss, 100).spread(kDatagrams, 10000));
  const auto& change = of(outcome, kLoss);
  EXPECT_EQ(change.movement, Movement::kMore);
  EXPECT_EQ(change.certainty, Certainty::kLikely);
  EXPECT_NEAR(*change.ratio, 2, 1e-9);
  EXPECT_TRUE(change.is_loss);
  EXPECT_EQ(change.netns, "web");
  EXPECT_DOUBLE_EQ(change.a->per_second, 5);
  EXPECT_DOUBLE_EQ(*change.b->per_packet, 0.01);
  EXPECT_EQ(outcome.counters.front().id, change.id) << "loss comes first";
  EXPECT_EQ(of(outcome, kDatagrams).movement, Movement::kSame);
}

TEST(Compare, TwiceTheLossInTwiceTheLoadIsTheSame) {
  const auto outcome = compared(Made().spread(kLoss, 100).spread(kDatagrams, 10000),
                                Made().spread(kLoss, 200).spread(kDatagrams, 20000));
  EXPECT_EQ(of(outcome, kLoss).movement, Movement::kSame);
  EXPECT_EQ(of(outcome, kLoss).of, Made().id(kDatagrams));
  EXPECT_EQ(of(outcome, kDatagrams).movement, Movement::kMore);
}

// InDatagrams are those that were read: a reader that slows down makes no more ports closed.
TEST(Compare, TheWholeOfUdpIsWhatCame) {
  const auto outcome = compared(Made()
                                    .spread(kLoss, 0)
                                    .spread("snmp.Udp.InErrors", 0)
                                    .spread(kDatagrams, 9000)
                                    .spread("snmp.Udp.NoPorts", 100),
                                Made()
                                    .spread(kLoss, 8000)
                                    .spread("snmp.Udp.InErrors", 8000)
                                    .spread(kDatagrams, 1000)
                                    .spread("snmp.Udp.NoPorts", 105));
  EXPECT_EQ(of(outcome, "snmp.Udp.NoPorts").movement, Movement::kSame);
  EXPECT_NEAR(*of(outcome, kLoss).b->per_packet, 8000.0 / 9105, 1e-9);
}

model::DropTally tally(std::uint64_t packets) {
  model::DropTally one{.symbol = "nft_do_chain",
                       .offset = 0x42,
                       .reason = "NETFILTER_DROP",
                       .netns = "7",
                       .packets = packets};
  one.series.assign(kPoints - 1, packets / (kPoints - 1));
  return one;
}

TEST(Compare, WhatOnlyTheTraceSawIsCompared) {
  Made quiet;
  Made filtered;
  quiet.evidence.drops.rung = filtered.evidence.drops.rung = "tp_btf";
  filtered.evidence.drops.tallies = {tally(400), tally(100)};
  const auto outcome = compared(quiet, filtered);
  const auto& change = of(outcome, "trace.packets");
  EXPECT_EQ(
      change.id,
      "trace.packets{dev=\"\",netns=\"7\",reason=\"NETFILTER_DROP\",symbol=\"nft_do_chain\"}");
  EXPECT_EQ(change.movement, Movement::kMore);
  EXPECT_EQ(change.a->count, 0U) << "it was traced, and nothing was there";
  EXPECT_EQ(change.b->count, 500U) << "two ports of one place";
  EXPECT_FALSE(change.is_loss) << "somebody asked for it";
  EXPECT_TRUE(change.tells_of_loss);
}

TEST(Compare, WhatWasNotTracedCannotBeCompared) {
  Made blind;
  Made filtered;
  filtered.evidence.drops.rung = "tp_btf";
  filtered.evidence.drops.tallies = {tally(400)};
  const auto outcome = compared(blind, filtered);
  EXPECT_EQ(of(outcome, "trace.packets").movement, Movement::kUnknown);
  EXPECT_THAT(of(outcome, "trace.packets").why, HasSubstr("not traced in the first"));
}

TEST(Compare, AFewMoreAreChance) {
  EXPECT_EQ(of(compared(Made().spread(kLoss, 8), Made().spread(kLoss, 13)), kLoss).movement,
            Movement::kSame);
  EXPECT_EQ(of(compared(Made().spread(kLoss, 0), Made().spread(kLoss, 3)), kLoss).movement,
            Movement::kSame);
  EXPECT_EQ(of(compared(Made().spread(kLoss, 0), Made().spread(kLoss, 9)), kLoss).movement,
            Movement::kMore);
}

TEST(Compare, ASureButSmallChangeIsTheSame) {
  const auto outcome =
      compared(Made().spread(kDatagrams, 1'000'000), Made().spread(kDatagrams, 1'100'000));
  EXPECT_GT(of(outcome, kDatagrams).z, 10);
  EXPECT_EQ(of(outcome, kDatagrams).movement, Movement::kSame);
}

TEST(Compare, NoDataIsNotZero) {
  const auto outcome =
      compared(Made().spread(kDatagrams, 10), Made().spread(kDatagrams, 10).spread(kLoss, 500));
  const auto& change = of(outcome, kLoss);
  EXPECT_EQ(change.movement, Movement::kUnknown);
  EXPECT_FALSE(change.a);
  EXPECT_EQ(change.b->count, 500U);
  EXPECT_THAT(change.why, HasSubstr("not read in the first"));
}

TEST(Compare, AResetIsNoChange) {
  auto fell = Made();
  fell.ends(kLoss, 5000, 20);
  const auto outcome = compared(Made().spread(kLoss, 0), fell);
  EXPECT_EQ(of(outcome, kLoss).movement, Movement::kUnknown);
  EXPECT_THAT(of(outcome, kLoss).why, HasSubstr("started again in the second"));
}

TEST(Compare, A32BitWrapIsARise) {
  auto wrapped = Made();
  wrapped.ends(kLoss, 4'294'967'290U, 44);
  const auto outcome = compared(Made().ends(kLoss, 100, 150), wrapped);
  EXPECT_EQ(of(outcome, kLoss).b->count, 50U);
  EXPECT_EQ(of(outcome, kLoss).movement, Movement::kSame);
}

// Of what is read at both ends only, one cannot see whether it came in one burst.
TEST(Compare, WhatWasNotSeenMovingHasToDouble) {
  const auto a = Made().ends("vmstat.pgfault", 0, 10000);
  EXPECT_EQ(of(compared(a, Made().ends("vmstat.pgfault", 0, 15000)), "vmstat.pgfault").movement,
            Movement::kSame);
  EXPECT_EQ(of(compared(a, Made().ends("vmstat.pgfault", 0, 25000)), "vmstat.pgfault").movement,
            Movement::kMore);
}

TEST(Compare, BurstsAreNoChange) {
  // 200 packets in two bursts of 100, and in one.
  Made twice;
  Made once;
  for (std::uint32_t at = 0; at < kPoints; ++at) {
    const std::uint64_t late = at > 70 ? 100 : 0;
    twice.evidence.timeline.add(at, {{twice.id(kLoss), (at > 30 ? 100 : 0) + late}}, {});
    once.evidence.timeline.add(at, {{once.id(kLoss), at > 30 ? 100U : 0U}}, {});
  }
  EXPECT_EQ(of(compared(once, twice), kLoss).movement, Movement::kSame);
}

// A burst is no proof that the load changed; but where nothing was lost before, it is told.
TEST(Compare, ABurstOfLossWhereThereWasNoneIsTold) {
  Made quiet;
  Made once;
  for (std::uint32_t at = 0; at < kPoints; ++at) {
    quiet.evidence.timeline.add(at, {{quiet.id(kLoss), 0}, {quiet.id(kDatagrams), 0}}, {});
    once.evidence.timeline.add(
        at, {{once.id(kLoss), at > 30 ? 600U : 0U}, {once.id(kDatagrams), at > 30 ? 600U : 0U}},
        {});
  }
  const auto outcome = compared(quiet, once);
  EXPECT_EQ(of(outcome, kLoss).movement, Movement::kMore);
  EXPECT_EQ(of(outcome, kLoss).certainty, Certainty::kFewBursts);
  EXPECT_EQ(of(outcome, kDatagrams).movement, Movement::kSame)
      << "no loss: traffic comes in bursts";
  EXPECT_EQ(of(compared(once, quiet), kLoss).movement, Movement::kSame) << "gone may be chance";
}

// One packet is many bytes at once, one wait many nanoseconds.
TEST(Compare, AmountsThatWereReadTwiceTellNothing) {
  constexpr auto kBytes = "qdisc.bytes";
  const auto read_twice = compared(Made().ends(kBytes, 0, 500), Made().ends(kBytes, 0, 50000));
  EXPECT_EQ(of(read_twice, kBytes).movement, Movement::kUnknown);
  EXPECT_THAT(of(read_twice, kBytes).why, HasSubstr("read twice"));
  const auto seen = compared(Made().spread(kBytes, 500), Made().spread(kBytes, 50000));
  EXPECT_EQ(of(seen, kBytes).movement, Movement::kMore);
  EXPECT_EQ(of(compared(Made().ends(kBytes, 7, 7), Made().ends(kBytes, 7, 7)), kBytes).movement,
            Movement::kSame);
  const auto about_the_same =
      compared(Made().ends(kBytes, 0, 50000), Made().ends(kBytes, 0, 60000));
  EXPECT_EQ(of(about_the_same, kBytes).movement, Movement::kSame);
}

TEST(Compare, ANamespaceIsTheSameByNameAfterABoot) {
  const auto outcome = compared(Made("7", "first").spread(kLoss, 0).set("sysctl.x", "1"),
                                Made("9", "second").spread(kLoss, 500).set("sysctl.x", "2"));
  EXPECT_EQ(of(outcome, kLoss).movement, Movement::kMore);
  EXPECT_EQ(of(outcome, kLoss).id, Made("9").id(kLoss));
  ASSERT_EQ(outcome.settings.size(), 1U);
  EXPECT_EQ(outcome.settings[0].a, "1");
  EXPECT_EQ(outcome.settings[0].b, "2");
  EXPECT_THAT(outcome.notes, ElementsAre(HasSubstr("booted")));
  EXPECT_THAT(outcome.obstacles, IsEmpty());
}

TEST(Compare, AnInodeOfAnotherBootIsAnotherNamespace) {
  Made other("7", "second");
  other.evidence.netns[0].name = "db";
  const auto outcome = compared(Made("7", "first").spread(kLoss, 0), other.spread(kLoss, 500));
  ASSERT_EQ(outcome.counters.size(), 2U);
  for (const auto& change : outcome.counters) EXPECT_EQ(change.movement, Movement::kUnknown);
  EXPECT_EQ(outcome.counters[0].netns, "db");
  EXPECT_EQ(outcome.counters[1].netns, "web");
}

TEST(Compare, WhatCannotBeComparedIsSaid) {
  Made elsewhere;
  elsewhere.evidence.host.id = "another";
  elsewhere.evidence.host.name = "db1";
  EXPECT_THAT(compared(Made(), elsewhere).obstacles,
              ElementsAre(HasSubstr("two hosts, vm and db1")));
  Made instant;
  instant.evidence.window.kind = "instant";
  EXPECT_THAT(compared(Made(), instant).obstacles, ElementsAre(HasSubstr("instant")));
  Made empty;
  empty.evidence.timeline = {};
  EXPECT_THAT(compared(empty, Made()).obstacles, ElementsAre(HasSubstr("the first has no two")));
}

TEST(Compare, TotalsSinceBootAreAWindowWithANote) {
  Made since_boot;
  since_boot.evidence.window.kind = "since_boot";
  const auto outcome = compared(since_boot, Made());
  EXPECT_TRUE(outcome.obstacles.empty());
  EXPECT_THAT(outcome.notes, ElementsAre(HasSubstr("the first is all the time")));
  since_boot.evidence.host.id = "";
  EXPECT_TRUE(compared(since_boot, Made()).obstacles.empty());
  since_boot.evidence.host.name = "db1";
  EXPECT_THAT(compared(since_boot, Made()).obstacles, ElementsAre(HasSubstr("two hosts")));
}

TEST(Compare, LongerWindowsAreComparedByTheSecond) {
  auto longer = Made().spread(kDatagrams, 30000);
  longer.evidence.window.duration_ns *= 3;
  const auto outcome = compared(Made().spread(kDatagrams, 10000), longer);
  EXPECT_EQ(of(outcome, kDatagrams).movement, Movement::kSame);
  EXPECT_NEAR(*of(outcome, kDatagrams).ratio, 1, 1e-9);
}

TEST(Settings, WhatIsSuspiciousComesFirst) {
  auto a = Made().set("link.carrier", "1").set("sysctl.net.core.rmem_max", "212992");
  auto b = Made().set("link.carrier", "0").set("sysctl.net.core.rmem_max", "4096");
  a.set("bql.limit_bytes", "1").set("same", "x");
  b.set("bql.limit_bytes", "2").set("same", "x").set("sysctl.net.new", "1");
  a.evidence.host.kernel = "6.1.0-1";
  b.evidence.host.kernel = "6.1.0-2";
  std::vector<std::string> names;
  const auto outcome = compared(a, b);
  for (const auto& change : outcome.settings) {
    names.emplace_back(model::counter_name(change.id));
  }
  EXPECT_THAT(names, ElementsAre("sysctl.net.core.rmem_max", "sysctl.net.new", "link.carrier",
                                 "host.kernel"));
  EXPECT_FALSE(outcome.settings[1].a);
}

TEST(Settings, AQueueingDisciplineThatWasReplaced) {
  const auto with = [](const char* kind) {
    Made made;
    made.evidence.timeline.add(
        0,
        {{model::counter_id("qdisc.packets",
                            {{"dev", "eth0"}, {"handle", "1:"}, {"kind", kind}, {"netns", "7"}}),
          5}},
        {});
    return made;
  };
  const auto outcome = compared(with("fq"), with("tbf"));
  ASSERT_EQ(outcome.settings.size(), 1U);
  EXPECT_EQ(outcome.settings[0].a, "fq 1:");
  EXPECT_EQ(outcome.settings[0].b, "tbf 1:");
}

TEST(Settings, ADeviceThatIsGoneIsOneChange) {
  Made a;
  a.evidence.devices = {{.netns = "7", .ifindex = 2, .name = "eth0", .kind = "veth", .mtu = 1500},
                        {.netns = "7", .ifindex = 3, .name = "eth1", .kind = "veth", .mtu = 1500}};
  Made b;
  b.evidence.devices = {{.netns = "7", .ifindex = 8, .name = "eth0", .kind = "veth", .mtu = 1500}};
  const auto outcome = compared(a, b);
  ASSERT_EQ(outcome.settings.size(), 2U);
  EXPECT_EQ(outcome.settings[0].id, "device.ifindex{dev=\"eth0\",netns=\"7\"}") << "made anew";
  EXPECT_EQ(outcome.settings[1].id, "device.kind{dev=\"eth1\",netns=\"7\"}");
  EXPECT_FALSE(outcome.settings[1].b);
}

}  // namespace
}  // namespace comparison
