#include "knowledge/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"
#include "knowledge/spelling.h"

namespace knowledge {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

TEST(Explain, KnowsEveryNameOfTheDictionary) {
  for (const auto& row : reasons()) EXPECT_TRUE(explain(row.name)) << row.name;
  for (const auto& row : functions()) EXPECT_TRUE(explain(row.symbol)) << row.symbol;
  for (const auto& row : counters()) EXPECT_TRUE(explain(row.name)) << row.name;
  for (const auto& row : places()) EXPECT_TRUE(explain(row.id)) << row.id;
  for (const auto& row : roots()) EXPECT_TRUE(explain(row.id)) << row.id;
}

// A word longer than a line (a path) may stand out; a sentence may not.
TEST(Explain, KeepsWithinTheColumns) {
  for (const auto& row : places()) {
    const auto text = explain(row.id);
    ASSERT_TRUE(text);
    for (const auto line : base::lines(*text)) EXPECT_LE(line.size(), 90U) << line;
  }
  for (const auto& row : counters()) {
    const auto text = explain(row.name);
    ASSERT_TRUE(text);
    for (const auto line : base::lines(*text)) EXPECT_LE(line.size(), 90U) << line;
  }
}

TEST(Explain, TakesAReasonAsTheKernelAndAsPeopleWriteIt) {
  const auto text = explain("SOCKET_RCVBUFF");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, StartsWith("SOCKET_RCVBUFF: drop reason"));
  EXPECT_THAT(*text, HasSubstr("udp.receive-buffer-full at"));
  EXPECT_EQ(explain("SKB_DROP_REASON_SOCKET_RCVBUFF"), text);
  EXPECT_EQ(explain("skb_drop_reason_socket_rcvbuff"), text);
  EXPECT_EQ(explain(" socket_rcvbuff "), text);
}

TEST(Explain, TakesACounterInEverySpelling) {
  const auto text = explain("netstat.TcpExt.ListenDrops");
  ASSERT_TRUE(text);
  for (const auto spelling : {"TcpExtListenDrops", "TcpExt.ListenDrops", "ListenDrops",
                              "listendrops", "netstat.TcpExt.ListenDrops{netns=\"4026531840\"}"}) {
    EXPECT_EQ(explain(spelling), text) << spelling;
  }
  EXPECT_THAT(*explain("rx_missed_errors"), StartsWith("link.rx_missed_errors"));
  EXPECT_THAT(*explain("UdpRcvbufErrors"), StartsWith("snmp.Udp.RcvbufErrors"));
  EXPECT_THAT(*explain("Udp6RcvbufErrors"), StartsWith("snmp6.Udp6RcvbufErrors"));
}

TEST(Explain, TellsAllCountersThatAnAmbiguousNameCanMean) {
  const auto text = explain("RcvbufErrors");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("snmp.Udp.RcvbufErrors:"));
  EXPECT_THAT(*text, HasSubstr("snmp.UdpLite.RcvbufErrors:"));
}

TEST(Explain, TellsEveryMeaningOfAFunction) {
  const auto text = explain("tcp_v4_rcv+0x5a4/0x10b0");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, StartsWith("tcp_v4_rcv:"));
  EXPECT_THAT(*text, HasSubstr("NO_SOCKET"));
  EXPECT_THAT(*text, HasSubstr("tcp.no-listener"));
  EXPECT_THAT(*text, HasSubstr("before 5.17"));
  EXPECT_EQ(explain("tcp_v4_rcv.isra.0").has_value(), true);
}

TEST(Explain, TellsAPlaceWithItsWitnesses) {
  const auto text = explain("udp.receive-buffer-full");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("socket-rx (receive)"));
  EXPECT_THAT(*text, HasSubstr("snmp.Udp.RcvbufErrors"));
  EXPECT_THAT(*text, HasSubstr("SOCKET_RCVBUFF at"));
  EXPECT_THAT(*text, HasSubstr("snmp.Udp.InErrors"));
  EXPECT_THAT(*explain("app.slow-reader"), HasSubstr("root"));
}

TEST(Explain, IsSilentAboutWhatItDoesNotKnow) {
  for (const auto name : {"", " ", "no_such_name", "SKB_DROP_REASON_", "{", "+0x1", "*"}) {
    EXPECT_FALSE(explain(name)) << name;
  }
}

TEST(Similar, CorrectsTypingErrors) {
  EXPECT_THAT(similar("udp.recieve-buffer-full"), Contains("udp.receive-buffer-full"));
  EXPECT_EQ(similar("SOCKET_RCVBUF").at(0), "SOCKET_RCVBUFF");
  EXPECT_EQ(similar("tcp_v4_rvc").at(0), "tcp_v4_rcv");
  EXPECT_EQ(similar("rx_misssed_errors").at(0), "link.rx_missed_errors");
}

TEST(Similar, FindsWhatContainsThePart) {
  EXPECT_THAT(similar("queue-unread"), ElementsAre("netfilter.nfqueue-unread"));
}

TEST(Similar, IsShortAndWithoutRepetition) {
  EXPECT_THAT(similar("errors"), SizeIs(5));
  EXPECT_THAT(similar("zzzzzzzzzzzzzzzz"), IsEmpty());
  EXPECT_THAT(similar(""), IsEmpty());
  const auto names = similar("udp");
  for (size_t at = 1; at < names.size(); ++at) EXPECT_NE(names[at - 1], names[at]);
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("rcv", "rcvb"), 1U);
}

TEST(Explain, AStatisticOfDriversIsToldForEachThatHasIt) {
  const auto told = explain("rx_no_buffer_count");
  ASSERT_TRUE(told);
  for (const auto* driver : {"e1000e", "igb", "ixgbe"}) EXPECT_THAT(*told, HasSubstr(driver));
  EXPECT_THAT(*explain("ethtool.pkts rx OOB{dev=\"eth0\",netns=\"1\"}"), HasSubstr("vmxnet3"));
  EXPECT_THAT(*explain("rx_queue_3_drops"), HasSubstr("ring.overflow"));
}

TEST(Explain, AStandardCounterOfADriversNameIsToldFirst) {
  const auto told = *explain("rx_missed_errors");
  EXPECT_THAT(told, StartsWith("link.rx_missed_errors"));
  EXPECT_THAT(told, HasSubstr("statistic of network drivers"));
}

}  // namespace
}  // namespace knowledge
