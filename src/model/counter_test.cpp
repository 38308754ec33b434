#include "model/counter.h"

#include <gmock/gmock.h>

namespace model {
namespace {

TEST(CounterIdTest, HasItsLabelsInTheOrderGiven) {
  EXPECT_EQ(counter_id("snmp.Udp.RcvbufErrors", {{"netns", "4026531840"}}),
            "snmp.Udp.RcvbufErrors{netns=\"4026531840\"}");
  EXPECT_EQ(counter_id("softnet.dropped", {{"cpu", "0"}, {"shared", "host"}}),
            "softnet.dropped{cpu=\"0\",shared=\"host\"}");
  EXPECT_EQ(counter_id("plain", {}), "plain");
}

TEST(CounterNameTest, IsWhatStandsBeforeTheLabels) {
  EXPECT_EQ(counter_name("link.rx_dropped{dev=\"eth0\",netns=\"1\"}"), "link.rx_dropped");
  EXPECT_EQ(counter_name("plain"), "plain");
  EXPECT_EQ(counter_name(""), "");
}

TEST(CounterLabelTest, FindsALabelByItsWholeName) {
  const CounterId id = counter_id("q", {{"dev", "eth0"}, {"handle", "8001:"}, {"netns", "1"}});
  EXPECT_EQ(counter_label(id, "dev"), "eth0");
  EXPECT_EQ(counter_label(id, "handle"), "8001:");
  EXPECT_EQ(counter_label(id, "netns"), "1");
  EXPECT_EQ(counter_label(id, "net"), "");
  EXPECT_EQ(counter_label(id, "q"), "");
  EXPECT_EQ(counter_label("plain", "dev"), "");
}

TEST(CounterLabelTest, ALabelInsideAValueIsNotALabel) {
  const CounterId id = counter_id("q", {{"dev", "x\",netns=\"2"}, {"netns", "1"}});
  EXPECT_EQ(counter_label(id, "dev"), "x\",netns=\"2");
  EXPECT_EQ(counter_label(id, "netns"), "1");
}

TEST(CounterLabelTest, EveryByteOfAValueComesBack) {
  std::string value;
  for (int byte = 1; byte < 256; ++byte) value += static_cast<char>(byte);
  const CounterId id = counter_id("q", {{"dev", value}});
  EXPECT_EQ(counter_label(id, "dev"), value);
  EXPECT_EQ(id.find('\n'), std::string::npos);
}

TEST(CounterLabelTest, AnIdCutShortHasNoLabel) {
  const CounterId id = counter_id("q", {{"dev", "eth0"}, {"netns", "1"}});
  for (std::size_t length = 0; length < id.size(); ++length) {
    const std::string found = counter_label(id.substr(0, length), "netns");
    EXPECT_TRUE(found.empty() || found == "1") << length;
  }
}

TEST(CounterLabels, AreToldInTheirOrderAndUnescaped) {
  const auto id = counter_id("qdisc.drops", {{"dev", "a\"b"}, {"netns", "7"}});
  const auto labels = counter_labels(id);
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[0], std::pair(std::string("dev"), std::string("a\"b")));
  EXPECT_EQ(labels[1], std::pair(std::string("netns"), std::string("7")));
  EXPECT_TRUE(counter_labels("plain.name").empty());
  EXPECT_TRUE(counter_labels("cut.short{dev=\"et").empty());
}

}  // namespace
}  // namespace model
