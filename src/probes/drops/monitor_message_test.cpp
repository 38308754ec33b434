// Synthetic messages, laid out as net_dm_packet_report_fill() and net_dm_hw_packet_report_fill()
// write them; real ones come from the kernels that have a drop monitor (tests/kernels).
#include "probes/drops/monitor_message.h"

#include <gmock/gmock.h>
#include <linux/genetlink.h>
#include <linux/net_dropmon.h>
#include <linux/netlink.h>

#include <cstring>

namespace probes::drops {
namespace {

class Message {
 public:
  explicit Message(std::uint8_t command) {
    const genlmsghdr head{.cmd = command, .version = 2, .reserved = 0};
    append(&head, sizeof head);
  }
  template <class Plain>
  Message& add(std::uint16_t type, const Plain& value) {
    return add_bytes(type, &value, sizeof value);
  }
  Message& add_text(std::uint16_t type, const std::string& text) {
    return add_bytes(type, text.c_str(), text.size() + 1);
  }
  Message& add_bytes(std::uint16_t type, const void* content, std::size_t length) {
    const nlattr head{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + length), .nla_type = type};
    append(&head, sizeof head);
    append(content, length);
    message_.payload.resize(NLA_ALIGN(message_.payload.size()));
    return *this;
  }
  [[nodiscard]] const base::NetlinkMessage& get() const { return message_; }

 private:
  void append(const void* content, std::size_t length) {
    const auto* bytes = static_cast<const std::byte*>(content);
    message_.payload.insert(message_.payload.end(), bytes, bytes + length);
  }
  base::NetlinkMessage message_;
};

TEST(MonitorMessage, APacketTellsPlaceReasonTimeAndItsFirstBytes) {
  const std::string start = "packet";
  Message message(NET_DM_CMD_PACKET_ALERT);
  message.add<std::uint16_t>(NET_DM_ATTR_ORIGIN, NET_DM_ORIGIN_SW)
      .add<std::uint64_t>(NET_DM_ATTR_PC, 0xffffffff81234567)
      .add_text(NET_DM_ATTR_SYMBOL, "udp_queue_rcv_one_skb+0x1f2/0x2a0")
      .add<std::uint64_t>(NET_DM_ATTR_TIMESTAMP, 1'700'000'000'000'000'000)
      .add<std::uint32_t>(NET_DM_ATTR_ORIG_LEN, 542)
      .add<std::uint16_t>(NET_DM_ATTR_PROTO, 0x0800)
      .add_text(NET_DM_ATTR_REASON, "SOCKET_RCVBUFF")
      .add_bytes(NET_DM_ATTR_PAYLOAD, start.data(), start.size());
  const auto drop = parse_monitored_drop(message.get());
  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->location, 0xffffffff81234567U);
  EXPECT_EQ(drop->symbol, "udp_queue_rcv_one_skb+0x1f2/0x2a0");
  EXPECT_EQ(drop->reason, "SOCKET_RCVBUFF");
  EXPECT_EQ(drop->wall_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(drop->length_bytes, 542U);
  EXPECT_EQ(drop->protocol, 0x0800);
  ASSERT_EQ(drop->start.size(), start.size());
  EXPECT_EQ(std::memcmp(drop->start.data(), start.data(), start.size()), 0);
}

TEST(MonitorMessage, HardwareTellsItsTrapInsteadOfAPlace) {
  Message message(NET_DM_CMD_PACKET_ALERT);
  message.add<std::uint16_t>(NET_DM_ATTR_ORIGIN, NET_DM_ORIGIN_HW)
      .add_text(NET_DM_ATTR_HW_TRAP_NAME, "blackhole_route");
  const auto drop = parse_monitored_drop(message.get());
  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->location, 0U);
  EXPECT_EQ(drop->trap, "blackhole_route");
}

TEST(MonitorMessage, OtherMessagesAreNoPackets) {
  EXPECT_FALSE(parse_monitored_drop(Message(NET_DM_CMD_ALERT).get()));
  EXPECT_FALSE(parse_monitored_drop(Message(NET_DM_CMD_PACKET_ALERT).get()));
  EXPECT_FALSE(parse_monitored_drop({}));
}

TEST(MonitorMessage, SymbolsAreTakenApart) {
  const auto plain = parse_printed_symbol("udp_queue_rcv_one_skb+0x1f2/0x2a0");
  EXPECT_EQ(plain.name, "udp_queue_rcv_one_skb");
  EXPECT_EQ(plain.offset, 0x1f2U);
  EXPECT_EQ(plain.module, "");
  const auto in_module = parse_printed_symbol("nft_do_chain+0x10/0x500 [nf_tables]");
  EXPECT_EQ(in_module.name, "nft_do_chain");
  EXPECT_EQ(in_module.module, "nf_tables");
  EXPECT_EQ(parse_printed_symbol("0xffffffffc0123456").name, "0xffffffffc0123456");
}

TEST(MonitorMessage, WhatTheMonitorHadNoRoomForIsCounted) {
  const std::uint64_t dropped = 12345;
  const struct {
    nlattr head{.nla_len = NLA_HDRLEN + sizeof(std::uint64_t),
                .nla_type = NET_DM_ATTR_STATS_DROPPED};
    std::uint64_t value = 0;
  } __attribute__((packed)) nested{.value = dropped};
  Message message(NET_DM_CMD_STATS_NEW);
  message.add(NET_DM_ATTR_STATS, nested);
  EXPECT_EQ(parse_monitor_losses(message.get()), dropped);
  EXPECT_EQ(parse_monitor_losses(Message(NET_DM_CMD_STATS_NEW).get()), 0U);
}

}  // namespace
}  // namespace probes::drops
