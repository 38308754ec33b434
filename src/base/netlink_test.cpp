#include "base/netlink.h"

#include <gmock/gmock.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

namespace base {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::vector<std::byte> bytes(std::string_view text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

std::vector<std::byte> captured(const std::string& name) {
  std::ifstream file(std::string(WHYDROP_CAPTURES) + "/6.18/" + name, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  return bytes(content);
}

// A message with its header; `length` other than 0 lies about it.
std::vector<std::byte> framed(std::uint16_t type, std::span<const std::byte> payload,
                              std::uint32_t length = 0, std::uint16_t flags = 0) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  header.nlmsg_seq = 7;
  header.nlmsg_len =
      length != 0 ? length : static_cast<std::uint32_t>(sizeof header + payload.size());
  std::vector<std::byte> message(NLMSG_ALIGN(sizeof header + payload.size()));
  std::memcpy(message.data(), &header, sizeof header);
  std::ranges::copy(payload, message.begin() + sizeof header);
  return message;
}

std::vector<std::byte> joined(std::initializer_list<std::vector<std::byte>> messages) {
  std::vector<std::byte> stream;
  for (const auto& message : messages) stream.insert(stream.end(), message.begin(), message.end());
  return stream;
}

std::vector<std::byte> error_code(int code) {
  const auto raw = std::as_bytes(std::span(&code, 1));
  return {raw.begin(), raw.end()};
}

// How a datagram is judged and how many messages of it are handed on.
struct Judgement {
  Result<AnswerState> state;
  int taken = 0;
};

Judgement judge(std::span<const std::byte> datagram, std::uint32_t sequence = 7) {
  int taken = 0;
  auto state = take_datagram(datagram, sequence, "list", [&](const NetlinkMessage&) { ++taken; });
  return {std::move(state), taken};
}

TEST(TakeDatagram, GoesOnUntilTheEndOfTheDump) {
  const auto link = framed(RTM_NEWLINK, bytes("abcd"));
  EXPECT_EQ(judge(joined({link, link})).state.value(), AnswerState::kMore);
  EXPECT_EQ(judge(joined({link, link})).taken, 2);
  const auto done = framed(NLMSG_DONE, error_code(0));
  EXPECT_EQ(judge(joined({link, done})).state.value(), AnswerState::kDone);
  EXPECT_EQ(judge(joined({link, done})).taken, 1);
  // Kernels may send the end without a code.
  EXPECT_EQ(judge(framed(NLMSG_DONE, {})).state.value(), AnswerState::kDone);
  EXPECT_EQ(judge({}).state.value(), AnswerState::kMore);
}

TEST(TakeDatagram, AnErrorIsToldInWordsAndNoneIsAnAcknowledgement) {
  const auto refused = judge(framed(NLMSG_ERROR, error_code(-EPERM)));
  ASSERT_FALSE(refused.state);
  EXPECT_EQ(refused.state.error().what, "list: Operation not permitted");
  EXPECT_FALSE(judge(framed(NLMSG_DONE, error_code(-ENOMEM))).state);
  EXPECT_EQ(judge(framed(NLMSG_ERROR, error_code(0))).state.value(), AnswerState::kDone);
}

TEST(TakeDatagram, AMarkOnAnyMessageMeansInterrupted) {
  const auto link = framed(RTM_NEWLINK, bytes("abcd"));
  const auto marked = framed(RTM_NEWLINK, bytes("abcd"), 0, NLM_F_DUMP_INTR);
  const auto done = framed(NLMSG_DONE, error_code(0));
  const auto marked_done = framed(NLMSG_DONE, error_code(0), 0, NLM_F_DUMP_INTR);
  EXPECT_EQ(judge(joined({link, marked, link})).state.value(), AnswerState::kInterrupted);
  EXPECT_EQ(judge(joined({marked, done})).state.value(), AnswerState::kInterrupted);
  EXPECT_EQ(judge(joined({link, marked_done})).state.value(), AnswerState::kInterrupted);
}

TEST(TakeDatagram, AnswersToAnotherRequestAreIgnored) {
  const auto stream =
      joined({framed(RTM_NEWLINK, bytes("abcd")), framed(NLMSG_ERROR, error_code(-EPERM))});
  EXPECT_EQ(judge(stream, 8).state.value(), AnswerState::kMore);
  EXPECT_EQ(judge(stream, 8).taken, 0);
}

TEST(TakeDatagram, AMessageCutShortIsNotHandedOn) {
  auto stream = joined({framed(RTM_NEWLINK, bytes("abcd")), framed(RTM_NEWLINK, bytes("efgh"))});
  stream.resize(stream.size() - 2);
  EXPECT_EQ(judge(stream).taken, 1);
  EXPECT_EQ(judge(framed(NLMSG_NOOP, {})).taken, 0);
}

TEST(NetlinkMessages, SplitsACaptureIntoItsMessagesWithoutTheEnd) {
  const auto messages = netlink_messages(captured("rtm_getlink.bin"));
  ASSERT_THAT(messages, SizeIs(5));  // lo, veth0, veth1, veth2, br0
  for (const auto& message : messages) EXPECT_EQ(message.type, RTM_NEWLINK);
}

TEST(NetlinkMessages, AMessageCutShortEndsTheStream) {
  auto stream = framed(RTM_NEWLINK, bytes("12345678"));
  const auto second = framed(RTM_NEWLINK, bytes("abcdefgh"));
  stream.insert(stream.end(), second.begin(), second.end());
  EXPECT_THAT(netlink_messages(stream), SizeIs(2));
  stream.resize(stream.size() - 1);
  EXPECT_THAT(netlink_messages(stream), SizeIs(1));
  stream.resize(20);
  EXPECT_THAT(netlink_messages(stream), SizeIs(0));
  EXPECT_THAT(netlink_messages({}), SizeIs(0));
}

TEST(NetlinkMessages, ALengthThatLiesEndsTheStream) {
  EXPECT_THAT(netlink_messages(framed(RTM_NEWLINK, bytes("abcd"), 3)), SizeIs(0));
  EXPECT_THAT(netlink_messages(framed(RTM_NEWLINK, bytes("abcd"), 0xffffffff)), SizeIs(0));
}

TEST(Attributes, AreFoundByType) {
  const auto messages = netlink_messages(captured("rtm_getlink.bin"));
  ASSERT_FALSE(messages.empty());
  const auto attributes = attributes_after(messages[0].payload, sizeof(ifinfomsg));
  EXPECT_EQ(text_attribute(attributes, IFLA_IFNAME), "lo");
  EXPECT_EQ(plain_attribute<std::uint32_t>(attributes, IFLA_MTU), 65536U);
  EXPECT_EQ(text_attribute(attributes, 9999), std::nullopt);
  EXPECT_FALSE(plain_attribute<std::uint64_t>(attributes, IFLA_MTU));
}

TEST(Attributes, NothingIsReadBeyondTheEnd) {
  const nlattr lying{.nla_len = 100, .nla_type = 1};
  EXPECT_EQ(attribute(std::as_bytes(std::span(&lying, 1)), 1), std::nullopt);
  const nlattr short_one{.nla_len = 3, .nla_type = 1};
  EXPECT_EQ(attribute(std::as_bytes(std::span(&short_one, 1)), 1), std::nullopt);
  EXPECT_EQ(attribute({}, 1), std::nullopt);
  EXPECT_TRUE(attributes_after(bytes("abc"), 16).empty());
}

TEST(Attributes, AreHandedOnInTheirOrderUntilOneThatLies) {
  // Two sound ones, the second with the flag "nested", and one that is longer than what is left.
  const std::array<nlattr, 3> run = {{{.nla_len = 4, .nla_type = 1},
                                      {.nla_len = 4, .nla_type = 1 | NLA_F_NESTED},
                                      {.nla_len = 5, .nla_type = 3}}};
  std::vector<int> types;
  for_each_attribute(std::as_bytes(std::span(run)), [&](int type, std::span<const std::byte> rest) {
    types.push_back(type);
    EXPECT_TRUE(rest.empty());
  });
  EXPECT_THAT(types, testing::ElementsAre(1, 1));
  for_each_attribute({}, [](int, std::span<const std::byte>) { FAIL(); });
}

TEST(Attributes, TextEndsAtItsNul) {
  const auto stream = [] {
    struct {
      nlattr header{.nla_len = 8, .nla_type = 3};
      char text[4] = {'l', 'o', '\0', 'x'};
    } raw;
    const auto view = std::as_bytes(std::span(&raw, 1));
    return std::vector<std::byte>(view.begin(), view.end());
  }();
  EXPECT_EQ(text_attribute(stream, 3), "lo");
}

TEST(Attributes, RandomDamageNeverLeavesTheBytes) {
  const auto capture = captured("rtm_getlink.bin");
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    auto damaged = capture;
    for (int hit = 0; hit < 8; ++hit) {
      damaged[random() % damaged.size()] = static_cast<std::byte>(random());
    }
    damaged.resize(random() % (damaged.size() + 1));
    for (const auto& message : netlink_messages(damaged)) {
      const auto attributes = attributes_after(message.payload, sizeof(ifinfomsg));
      const auto info = attribute(attributes, IFLA_LINKINFO);
      if (!info) continue;
      EXPECT_LE(text_attribute(*info, IFLA_INFO_KIND).value_or("").size(), damaged.size());
    }
  }
}

TEST(MemoryNetlink, AnswersByFamilyTypeAndStartOfTheRequest) {
  MemoryNetlink netlink;
  netlink.put(NETLINK_ROUTE, RTM_GETLINK, {{.type = RTM_NEWLINK, .payload = {}}});
  netlink.put(NETLINK_ROUTE, RTM_GETLINK, bytes("x"), {});
  const auto count = [&](int family, std::uint16_t type, std::string_view request) {
    int answers = 0;
    const auto status =
        netlink.request(family, type, 0, bytes(request), [&](const NetlinkMessage&) { ++answers; });
    return status ? answers : -1;
  };
  EXPECT_EQ(count(NETLINK_ROUTE, RTM_GETLINK, "ab"), 1);
  EXPECT_EQ(count(NETLINK_ROUTE, RTM_GETLINK, "xy"), 0);
  EXPECT_EQ(count(NETLINK_ROUTE, RTM_GETQDISC, ""), -1);
  EXPECT_EQ(count(NETLINK_GENERIC, RTM_GETLINK, ""), -1);
  netlink.put_failure(NETLINK_ROUTE, RTM_GETLINK, {"no", ""});
  EXPECT_EQ(count(NETLINK_ROUTE, RTM_GETLINK, "ab"), -1);
}

// The kernel itself. Needs no right: everybody may list the devices of his own namespace.
TEST(SystemNetlink, DumpsTheDevicesOfThisNamespace) {
  std::vector<std::string> names;
  const ifinfomsg everything{};
  const auto status = system_netlink()->request(
      NETLINK_ROUTE, RTM_GETLINK, NLM_F_DUMP, std::as_bytes(std::span(&everything, 1)),
      [&](const NetlinkMessage& message) {
        const auto attributes = attributes_after(message.payload, sizeof(ifinfomsg));
        names.push_back(text_attribute(attributes, IFLA_IFNAME).value_or(""));
      });
  ASSERT_TRUE(status) << status.error().what;
  EXPECT_THAT(names, testing::Contains("lo"));
  EXPECT_THAT(names, testing::Each(testing::Truly([](const std::string& name) {
                return if_nametoindex(name.c_str()) != 0;
              })));
}

TEST(SystemNetlink, AnswersARequestThatIsNotADump) {
  ifinfomsg loopback{};
  loopback.ifi_index = 1;
  int answers = 0;
  const auto status = system_netlink()->request(
      NETLINK_ROUTE, RTM_GETLINK, 0, std::as_bytes(std::span(&loopback, 1)),
      [&](const NetlinkMessage& message) { answers += message.type == RTM_NEWLINK ? 1 : 0; });
  ASSERT_TRUE(status) << status.error().what;
  EXPECT_EQ(answers, 1);
}

TEST(SystemNetlink, SaysTheKernelsErrorInWords) {
  ifinfomsg nobody{};
  nobody.ifi_index = 0x7ffffffe;
  const auto status = system_netlink()->request(
      NETLINK_ROUTE, RTM_GETLINK, 0, std::as_bytes(std::span(&nobody, 1)), [](const auto&) {});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().what, HasSubstr("No such device"));
}

TEST(SystemNetlink, AFamilyThatDoesNotExistIsAnError) {
  EXPECT_FALSE(system_netlink()->request(200, 1, 0, {}, [](const auto&) {}));
}

}  // namespace
}  // namespace base
