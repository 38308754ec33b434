#include "live/captured.h"

#include <gtest/gtest.h>

#include "live/made_up.h"

namespace live {
namespace {

model::TraceEvent drop() {
  model::TraceEvent event;
  event.at_wall_ns = 1'795'000'000'123'456'789;
  event.place = {.account = "udp.receive-buffer-full",
                 .stage = model::Stage::kSocketRx,
                 .klass = model::Class::kLoss,
                 .reason = "SOCKET_RCVBUFF",
                 .meaning = "The receive buffer of a UDP socket was full.",
                 .location = "udp_queue_rcv_one_skb+0x437",
                 .netns = "7",
                 .netns_name = "web \"shop\"\n",
                 .device = "eth0",
                 .packets = 37};
  event.cpu = 3;
  event.length_bytes = 514;
  event.owner = model::Owner{.pid = 812, .comm = "Web Content=1", .cgroup = "/a b"};
  event.bytes = made_up_headers({.source = "10.0.0.1",
                                 .source_port = 4000,
                                 .destination = "10.0.0.2",
                                 .destination_port = 53});
  event.starts_at = model::HeaderStart::kLink;
  event.flow = model::Flow{"tcp", "10.0.0.1", 4000, "10.0.0.2", 53};
  return event;
}

TEST(Captured, ComesBackAsItWas) {
  auto expected = drop();
  const auto packet = captured(expected);
  EXPECT_EQ(packet.interface.device, "eth0");
  EXPECT_EQ(packet.left_out, 36U);
  EXPECT_EQ(packet.direction, model::Direction::kReceive);
  EXPECT_EQ(packet.comments.size(), 2U);
  const auto again = told_again(packet);
  ASSERT_TRUE(again);
  expected.place.meaning = again->place.meaning;  // said anew, from the tables
  EXPECT_FALSE(again->place.meaning.empty());
  EXPECT_EQ(*again, expected);
}

TEST(Captured, APacketWithoutLinkHeaderIsOfAnotherInterface) {
  auto event = drop();
  event.starts_at = model::HeaderStart::kNetwork;
  event.bytes.erase(event.bytes.begin(), event.bytes.begin() + kEthernetBytes);
  const auto packet = captured(event);
  EXPECT_EQ(packet.interface.link_type, model::LinkType::kRawIp);
  EXPECT_EQ(told_again(packet)->flow, event.flow);
  event.starts_at = model::HeaderStart::kUnknown;
  EXPECT_TRUE(captured(event).bytes.empty()) << "nobody knows what they are";
}

TEST(Captured, APacketOfOthersIsNoEvent) {
  model::CapturedPacket packet;
  packet.comments = {"a comment of somebody's"};
  EXPECT_FALSE(told_again(packet));
  packet.comments = {"whydrop n=5"};
  EXPECT_FALSE(told_again(packet));
}

// A note that lies: nothing is believed but what has its place.
TEST(Captured, AForgedNoteDoesNoHarm) {
  model::CapturedPacket packet;
  packet.comments = {
      "whydrop event=nonsense stage=nowhere class=x cpu=99999999999999999999 n=-1 pid=x "
      "comm=\"\\x1b\""};
  const auto event = told_again(packet);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, model::EventKind::kDrop);
  EXPECT_EQ(event->cpu, 0U);
  EXPECT_EQ(event->place.klass, model::Class::kUnknown);
}

}  // namespace
}  // namespace live
