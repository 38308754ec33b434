#include "knowledge/knowledge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "knowledge/places.h"
#include "knowledge/tables.h"

namespace knowledge {
namespace {

using model::Class;
using model::Stage;
using testing::IsEmpty;
using testing::IsNull;
using testing::Not;
using testing::NotNull;

constexpr std::string_view kKernels[] = {"5.10", "6.1", "6.12", "6.18", "7.2"};

std::string captured(std::string_view kernel, std::string_view file) {
  std::ifstream stream(std::filesystem::path(WHYDROP_CAPTURES) / kernel / file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The reasons in a captured list ("6 SKB_DROP_REASON_SOCKET_RCVBUFF"), without the enum's own
// scaffolding.
std::vector<std::string> reasons_of(std::string_view kernel) {
  constexpr std::string_view kPrefix = "SKB_DROP_REASON_";
  std::vector<std::string> names;
  const std::string text = captured(kernel, "drop_reasons");
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() != 2 || words[0] == "enum") continue;
    std::string_view name = words[1];
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
    const bool scaffolding = name.ends_with("MAX") || name.starts_with("SUBSYS_") ||
                             name.starts_with("__") || name == "SKB_NOT_DROPPED_YET" ||
                             name == "SKB_CONSUMED";
    if (!scaffolding) names.emplace_back(name);
  }
  return names;
}

// "snmp.Udp.RcvbufErrors" … of the pairs of lines of /proc/net/snmp and netstat.
std::vector<std::string> paired_counters(std::string_view kernel, std::string_view file) {
  std::vector<std::string> names;
  const std::string text = captured(kernel, file);
  std::string_view last_group;
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.empty()) continue;
    const bool header = words[0] != last_group;
    last_group = header ? words[0] : std::string_view();
    if (!header) continue;
    const auto group = words[0].substr(0, words[0].size() - 1);
    for (size_t at = 1; at < words.size(); ++at) {
      names.push_back(std::string(file) + "." + std::string(group) + "." + std::string(words[at]));
    }
  }
  return names;
}

class OfKernel : public testing::TestWithParam<std::string_view> {};

TEST_P(OfKernel, KnowsEveryDropReason) {
  const auto names = reasons_of(GetParam());
  // Kernels before 5.17 have none.
  EXPECT_GE(names.size(), GetParam() == "5.10" ? 0U : 60U) << "no list was captured";
  for (const auto& name : names) EXPECT_THAT(find_reason(name), NotNull()) << name;
}

TEST_P(OfKernel, KnowsEveryCounterOfSnmpAndNetstat) {
  for (const std::string_view file : {"snmp", "netstat"}) {
    const auto names = paired_counters(GetParam(), file);
    EXPECT_GE(names.size(), 60U) << "no text was captured";
    for (const auto& name : names) EXPECT_THAT(find_counter(name), NotNull()) << name;
  }
}

TEST_P(OfKernel, KnowsEveryCounterOfSnmp6) {
  const std::string text = captured(GetParam(), "snmp6");
  EXPECT_GE(base::lines(text).size(), 60U) << "no text was captured";
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    ASSERT_THAT(words, Not(IsEmpty()));
    const std::string name = "snmp6." + std::string(words[0]);
    EXPECT_THAT(find_counter(name), NotNull()) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Captured, OfKernel, testing::ValuesIn(kKernels), [](const auto& tested) {
  std::string name = "kernel_" + std::string(tested.param);
  name[name.find('.')] = '_';
  return name;
});

TEST(Tables, AreSortedAndEachNameStandsOnce) {
  EXPECT_TRUE(sorted_and_unique(reasons()));
  EXPECT_TRUE(sorted_and_unique(functions()));
  EXPECT_TRUE(sorted_and_unique(counters()));
  EXPECT_TRUE(sorted_and_unique(echoes()));
}

TEST(Tables, EveryRowHasAMeaningThatIsASentence) {
  const auto check = [](std::string_view name, std::string_view meaning) {
    ASSERT_FALSE(meaning.empty()) << name;
    EXPECT_EQ(meaning.back(), '.') << name;
  };
  for (const auto& row : reasons()) check(row.name, row.meaning);
  for (const auto& row : functions()) check(row.symbol, row.meaning);
  for (const auto& row : counters()) check(row.name, row.meaning);
  for (const auto& row : places()) check(row.id, row.meaning);
  for (const auto& row : roots()) check(row.id, row.meaning);
}

TEST(Tables, EveryDropThatCountsTellsWhatToCheck) {
  for (const auto& row : reasons()) EXPECT_THAT(row.check, Not(IsEmpty())) << row.name;
  for (const auto& row : functions()) EXPECT_THAT(row.check, Not(IsEmpty())) << row.symbol;
  for (const auto& row : counters()) {
    if (row.role == Role::kExact || row.role == Role::kIncludes) {
      EXPECT_THAT(row.check, Not(IsEmpty())) << row.name;
    }
  }
}

TEST(Tables, RowsAgreeWithTheirPlace) {
  const auto check = [](std::string_view name, std::string_view id, Class klass) {
    if (id.empty()) return;
    const auto* place = find_place(id);
    ASSERT_THAT(place, NotNull()) << name << " is booked on " << id;
    EXPECT_EQ(klass, place->klass) << name << " is booked on " << id;
  };
  for (const auto& row : reasons()) check(row.name, row.place, row.klass);
  for (const auto& row : functions()) check(row.symbol, row.place, row.klass);
  for (const auto& row : counters()) check(row.name, row.place, row.klass);
}

TEST(Tables, ExactCountersAndOnlyTheyHaveAPlaceOfTheSameStage) {
  for (const auto& row : counters()) {
    EXPECT_EQ(row.role == Role::kExact, !row.place.empty()) << row.name;
    const auto* place = find_place(row.place);
    if (place == nullptr) continue;
    EXPECT_EQ(row.stage, place->stage) << row.name;
  }
}

TEST(Tables, DirectionFollowsTheStageWhereTheStageHasOne) {
  for (const auto& row : places()) {
    if (model::direction_of(row.stage) == model::Direction::kSend) {
      EXPECT_EQ(row.direction, model::Direction::kSend) << row.id;
    }
  }
}

TEST(Tables, FunctionsDecideAboutReasonsThatExist) {
  for (const auto& row : functions()) {
    if (row.reason.empty() || row.reason == "*") continue;
    EXPECT_THAT(find_reason(row.reason), NotNull()) << row.symbol << " " << row.reason;
  }
}

TEST(Echoes, SoundInCountersThatExistAndAreNoAccountsOfTheirOwn) {
  for (const auto& row : echoes()) {
    const auto* counter = find_counter(row.counter);
    ASSERT_THAT(counter, NotNull()) << row.counter;
    EXPECT_NE(counter->role, Role::kExact) << row.place << " in " << row.counter;
    EXPECT_NE(counter->role, Role::kTraffic) << row.place << " in " << row.counter;
  }
}

TEST(Echoes, ComeFromPlacesReasonsOrFunctionsThatExist) {
  for (const auto& row : echoes()) {
    const size_t at = row.place.find('@');
    if (at != std::string_view::npos) {
      const auto klass = model::class_named(row.place.substr(0, at));
      const bool described = std::ranges::any_of(functions(), [&](const Function& function) {
        // The ledger counts a loss without a place as unknown.
        const bool lost = model::counts_as_lost(function.klass);
        return function.symbol == row.place.substr(at + 1) && function.place.empty() &&
               (lost ? Class::kUnknown : function.klass) == klass;
      });
      EXPECT_TRUE(described) << row.place;
    } else if (row.place.find('.') != std::string_view::npos) {
      EXPECT_THAT(find_place(row.place), NotNull()) << row.place;
    } else {
      EXPECT_THAT(find_reason(row.place), NotNull()) << row.place;
    }
  }
}

TEST(Echoes, EverySumHasAKnownPart) {
  std::set<std::string_view> heard;
  for (const auto& row : echoes()) heard.insert(row.counter);
  for (const auto& row : counters()) {
    if (row.role != Role::kIncludes) continue;
    EXPECT_TRUE(heard.contains(row.name)) << row.name;
  }
}

TEST(Echoes, OfAnAccountAreFoundByItsName) {
  const auto rows = echoes_of("ring.overflow");
  ASSERT_THAT(rows, Not(IsEmpty()));
  for (const auto& row : rows) EXPECT_EQ(row.place, "ring.overflow");
  EXPECT_THAT(echoes_of("no.such-place"), IsEmpty());
}

TEST(FindFunction, IgnoresWhatTheCompilerAppends) {
  const auto* plain = find_function("tcp_v4_rcv", "NO_SOCKET");
  ASSERT_THAT(plain, NotNull());
  EXPECT_EQ(plain->place, "tcp.no-listener");
  for (const auto suffix : {".isra.0", ".constprop.0", ".part.0", ".cold", ".isra.0.cold"}) {
    EXPECT_EQ(find_function(std::string("tcp_v4_rcv") + suffix, "NO_SOCKET"), plain) << suffix;
  }
}

TEST(FindFunction, TakesTheReasonIntoAccount) {
  EXPECT_EQ(find_function("udp_queue_rcv_one_skb", "SOCKET_RCVBUFF")->place,
            "udp.receive-buffer-full");
  EXPECT_EQ(find_function("udp_queue_rcv_one_skb", "PROTO_MEM")->place, "memory.udp-limit");
  EXPECT_EQ(find_function("packet_rcv", "SOCKET_RCVBUFF")->klass, Class::kNoise);
  EXPECT_EQ(find_function("ping_rcv", "NO_SOCKET")->klass, Class::kNoise);
  EXPECT_EQ(find_function("__udp4_lib_rcv", "NO_SOCKET")->klass, Class::kRefused);
  EXPECT_THAT(find_function("tcp_v4_rcv", "TCP_CSUM"), IsNull());
}

TEST(FindFunction, TellsAKernelWithoutReasonsFromAnUnspecifiedOne) {
  EXPECT_EQ(find_function("__udp4_lib_rcv", "")->place, "udp.no-listener");
  EXPECT_EQ(find_function("__udp4_lib_rcv", "NOT_SPECIFIED")->place, "multicast.not-joined");
  // Where there is no row of its own, a missing reason is an unspecified one.
  EXPECT_EQ(find_function("nf_queue", ""), find_function("nf_queue", "NOT_SPECIFIED"));
  // "" never decides about a reason that the kernel did give.
  EXPECT_THAT(find_function("kfree_skb_list", "QDISC_DROP"), IsNull());
}

TEST(FindFunction, KnowsFunctionsForWhichNoReasonMatters) {
  for (const auto reason : {"", "NOT_SPECIFIED", "NO_SOCKET", "reason-70000"}) {
    const auto* row = find_function("virtio_transport_recv_pkt", reason);
    ASSERT_THAT(row, NotNull()) << reason;
    EXPECT_EQ(row->klass, Class::kNoise);
  }
}

TEST(FindFunction, KnowsDriversByTheShapeOfTheirNames) {
  ASSERT_THAT(find_function("e1000_clean_tx_irq", "NOT_SPECIFIED"), NotNull());
  EXPECT_EQ(find_function("e1000_clean_tx_irq", "")->klass, Class::kNoise);
  EXPECT_THAT(find_function("e1000_clean_tx_irq", "SOCKET_RCVBUFF"), IsNull());
  EXPECT_THAT(find_function("clean_tx_irq", "NOT_SPECIFIED"), IsNull());
}

TEST(FindFunction, IsNullForWhatNobodyDescribed) {
  EXPECT_THAT(find_function("no_such_function", "NOT_SPECIFIED"), IsNull());
  EXPECT_THAT(find_function("", ""), IsNull());
}

TEST(FindCounter, KnowsFamiliesThatAreNumbered) {
  ASSERT_THAT(find_counter("snmp.IcmpMsg.InType3"), NotNull());
  EXPECT_EQ(find_counter("snmp.IcmpMsg.InType3"), find_counter("snmp.IcmpMsg.InType11"));
  EXPECT_THAT(find_counter("snmp6.Icmp6OutType135"), NotNull());
  EXPECT_THAT(find_counter("snmp.IcmpMsg.InTypeX"), IsNull());
  EXPECT_THAT(find_counter("snmp.Udp.RcvbufErrors3"), IsNull());
  EXPECT_THAT(find_counter(""), IsNull());
}

// The counter and the trace of the same packets must meet on one account.
TEST(Witnesses, OfAPlaceMeet) {
  struct Pair {
    std::string_view counter, symbol, reason;
  };
  constexpr Pair kPairs[] = {
      {"snmp.Udp.RcvbufErrors", "udp_queue_rcv_one_skb", "SOCKET_RCVBUFF"},
      {"snmp6.Udp6RcvbufErrors", "udpv6_queue_rcv_one_skb", "SOCKET_RCVBUFF"},
      {"snmp.Udp.NoPorts", "__udp4_lib_rcv", "NO_SOCKET"},
      {"snmp.Udp.InCsumErrors", "__udp4_lib_rcv", "UDP_CSUM"},
      {"snmp.Tcp.InCsumErrors", "tcp_v4_rcv", "TCP_CSUM"},
      {"softnet.dropped", "enqueue_to_backlog", "CPU_BACKLOG"},
      {"netstat.TcpExt.ListenOverflows", "tcp_v4_rcv", "TCP_LISTEN_OVERFLOW"},
      {"netstat.TcpExt.IPReversePathFilter", "ip_rcv_finish_core", "IP_RPFILTER"},
      {"netstat.IpExt.InNoRoutes", "ip_error", "IP_INNOROUTES"},
      {"netstat.IpExt.InTruncatedPkts", "ip_rcv_core", "PKT_TOO_SMALL"},
      {"snmp.Ip.InAddrErrors", "ip_error", "IP_INADDRERRORS"},
      {"snmp.Ip.FragFails", "ip_forward", "PKT_TOO_BIG"},
      {"snmp.Ip.ReasmTimeout", "ip_expire", "FRAG_REASM_TIMEOUT"},
      {"link.rx_otherhost_dropped", "ip_rcv_core", "OTHERHOST"},
  };
  for (const auto& [counter, symbol, reason] : kPairs) {
    const auto* function = find_function(symbol, reason);
    const auto* row = find_reason(reason);
    ASSERT_THAT(row, NotNull()) << reason;
    EXPECT_EQ(find_counter(counter)->place, function != nullptr ? function->place : row->place)
        << counter;
  }
}

// The qdiscs' own reasons of newer kernels (captured: 7.2) have numbers only where there is no BTF.
TEST(FindFunction, DecidesWhereTheReasonHasNoName) {
  const auto* aqm = find_function("__fq_codel_dequeue", "reason-196611");
  ASSERT_THAT(aqm, NotNull());
  EXPECT_EQ(aqm->place, "qdisc.aqm");
  EXPECT_THAT(find_function("__fq_codel_dequeue", "SOME_OTHER_REASON"), IsNull());
}

}  // namespace
}  // namespace knowledge
