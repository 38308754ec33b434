#include "base/generic_netlink.h"

#include <gmock/gmock.h>

namespace base {
namespace {

NetlinkMessage family_message() {
  const auto group = GenericRequest(0)
                         .add(CTRL_ATTR_MCAST_GRP_ID, std::uint32_t{9})
                         .add_text(CTRL_ATTR_MCAST_GRP_NAME, "events");
  const auto answer =
      GenericRequest(CTRL_CMD_NEWFAMILY)
          .add(CTRL_ATTR_FAMILY_ID, std::uint16_t{21})
          .add_nested(CTRL_ATTR_MCAST_GROUPS, GenericRequest(0).add_nested(1, group));
  return {GENL_ID_CTRL, {answer.bytes().begin(), answer.bytes().end()}};
}

TEST(GenericNetlink, FindsAFamilyAndItsGroups) {
  MemoryNetlink netlink;
  netlink.put(NETLINK_GENERIC, GENL_ID_CTRL, {family_message()});
  const auto family = find_generic_family(netlink, "NET_DM");
  ASSERT_TRUE(family);
  EXPECT_EQ(family->id, 21);
  EXPECT_EQ(family->groups.at("events"), 9U);
}

TEST(GenericNetlink, AFamilyThatIsMissingIsAnError) {
  EXPECT_FALSE(find_generic_family(MemoryNetlink(), "NET_DM"));
}

TEST(GenericNetlink, AttributesArePaddedAndNest) {
  const auto request = GenericRequest(5, 2)
                           .add(1, std::uint8_t{7})
                           .add_text(2, "a")
                           .add_flag(3)
                           .add_nested(4, GenericRequest(0).add(1, std::uint32_t{8}));
  const auto bytes = request.bytes();
  ASSERT_EQ(bytes.size() % NLA_ALIGNTO, 0U);
  const auto head = read_plain<genlmsghdr>(bytes);
  EXPECT_EQ(head->cmd, 5);
  EXPECT_EQ(head->version, 2);
  const auto all = attributes_after(bytes, sizeof(genlmsghdr));
  EXPECT_EQ(plain_attribute<std::uint8_t>(all, 1), 7);
  EXPECT_EQ(text_attribute(all, 2), "a");
  EXPECT_TRUE(attribute(all, 3));
  EXPECT_EQ(plain_attribute<std::uint32_t>(*attribute(all, 4), 1), 8U);
}

TEST(GenericNetlink, ADumpGivesTheAttributesOfEachAnswer) {
  MemoryNetlink netlink;
  const auto answer = GenericRequest(1).add(1, std::uint32_t{3});
  const NetlinkMessage message{21, {answer.bytes().begin(), answer.bytes().end()}};
  netlink.put(NETLINK_GENERIC, 21, {message, message});
  const auto answers = generic_dump(netlink, {.id = 21, .groups = {}}, GenericRequest(1));
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), 2U);
  EXPECT_EQ(plain_attribute<std::uint32_t>(answers->at(1), 1), 3U);
}

}  // namespace
}  // namespace base
