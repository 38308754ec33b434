// The UDP header was sampled on Linux 6.18 over lo; the others are made by hand, from it or (IPv6)
// anew.
#include "probes/drops/flow.h"

#include <gmock/gmock.h>

#include <string_view>
#include <vector>

namespace probes::drops {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;

std::vector<std::uint8_t> bytes(std::string_view hexadecimal) {
  std::vector<std::uint8_t> out;
  const auto digit = [](char letter) { return letter <= '9' ? letter - '0' : letter - 'a' + 10; };
  for (size_t at = 0; at + 1 < hexadecimal.size(); at += 2) {
    out.push_back(
        static_cast<std::uint8_t>(digit(hexadecimal[at]) << 4 | digit(hexadecimal[at + 1])));
  }
  return out;
}

constexpr std::string_view kUdp4 = "450000e4f99940004011426d7f0000017f00000198f014e900d0fee3787878";

TEST(Flow, OfUdpOverIpv4) {
  const auto flow = parse_flow(bytes(kUdp4), HeaderStart::kNetwork, kIpv4);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->protocol, "udp");
  EXPECT_EQ(flow->source, "127.0.0.1");
  EXPECT_EQ(flow->source_port, 39152);
  EXPECT_EQ(flow->destination, "127.0.0.1");
  EXPECT_EQ(flow->destination_port, 5353);
}

TEST(Flow, OfIpv6) {
  const auto flow = parse_flow(bytes("60000000000c0640"
                                     "00000000000000000000000000000001"
                                     "fd000000000000000000000000000002"
                                     "c35001bb00000000"),
                               HeaderStart::kNetwork, kIpv6);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->protocol, "tcp");
  EXPECT_EQ(flow->source, "::1");
  EXPECT_EQ(flow->destination, "fd00::2");
  EXPECT_EQ(flow->source_port, 50000);
  EXPECT_EQ(flow->destination_port, 443);
}

TEST(Flow, OfALaterFragmentHasNoPorts) {
  auto fragment = bytes(kUdp4);
  fragment[6] = 0x20;
  fragment[7] = 0xb9;
  const auto flow = parse_flow(fragment, HeaderStart::kNetwork, kIpv4);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->protocol, "udp");
  EXPECT_EQ(flow->destination_port, 0);
}

TEST(Flow, OfIcmpAndOfUnknownProtocolsHasNoPorts) {
  auto packet = bytes(kUdp4);
  packet[9] = 1;
  EXPECT_EQ(parse_flow(packet, HeaderStart::kNetwork, kIpv4)->protocol, "icmp");
  packet[9] = 89;
  const auto flow = parse_flow(packet, HeaderStart::kNetwork, kIpv4);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->protocol, "89");
  EXPECT_EQ(flow->source_port, 0);
}

TEST(Flow, BehindEthernetAndVlanTags) {
  const std::string_view addresses = "020000000001020000000002";
  const auto plain = bytes(std::string(addresses) + "0800" + std::string(kUdp4));
  const auto tagged =
      bytes(std::string(addresses) + "88a80064" + "81000065" + "0800" + std::string(kUdp4));
  for (const auto& frame : {plain, tagged}) {
    const auto flow = parse_flow(frame, HeaderStart::kLink, kIpv4);
    ASSERT_TRUE(flow);
    EXPECT_EQ(flow->destination_port, 5353);
  }
}

TEST(Flow, BehindALinkHeaderWhoseTypeIsLeftOver) {
  const auto frame = bytes("0200000000010200000000020806" + std::string(kUdp4));
  const auto flow = parse_flow(frame, HeaderStart::kLink, kIpv4);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->destination_port, 5353);
}

TEST(Flow, OfADeviceWithoutLinkHeader) {
  const auto flow = parse_flow(bytes(kUdp4), HeaderStart::kLink, kIpv4);
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->destination_port, 5353);
}

TEST(Flow, TheVersionTellsWhereTheKernelNotedNoProtocol) {
  EXPECT_TRUE(parse_flow(bytes(kUdp4), HeaderStart::kNetwork, 0));
  EXPECT_FALSE(parse_flow(bytes(kUdp4), HeaderStart::kUnknown, 0));
}

TEST(Flow, OfOtherProtocolsIsNotGuessed) {
  constexpr std::uint16_t kArp = 0x0806;
  EXPECT_FALSE(parse_flow(bytes(kUdp4), HeaderStart::kNetwork, kArp));
}

TEST(Flow, OfACutPacketHasNoPortsOrIsNone) {
  const auto whole = bytes(kUdp4);
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::span cut(whole.data(), length);
    for (const auto start : {HeaderStart::kNetwork, HeaderStart::kLink, HeaderStart::kUnknown}) {
      const auto flow = parse_flow(cut, start, kIpv4);
      EXPECT_EQ(flow.has_value(), length >= 20) << length;
      EXPECT_EQ(flow ? flow->destination_port : 0, length >= 24 ? 5353 : 0) << length;
    }
  }
}

TEST(Flow, AWrongHeaderLengthIsNoFlow) {
  auto packet = bytes(kUdp4);
  packet[0] = 0x44;
  EXPECT_FALSE(parse_flow(packet, HeaderStart::kNetwork, kIpv4));
}

}  // namespace
}  // namespace probes::drops
