#include "base/generic_netlink.h"

namespace base {
namespace {

using Bytes = std::span<const std::byte>;

void append(std::vector<std::byte>& bytes, Bytes more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

GenericRequest::GenericRequest(std::uint8_t command, std::uint8_t version) {
  const genlmsghdr head{.cmd = command, .version = version, .reserved = 0};
  append(bytes_, std::as_bytes(std::span(&head, 1)));
}

GenericRequest& GenericRequest::add_text(std::uint16_t type, const std::string& text) {
  return add_bytes(type, std::as_bytes(std::span(text.c_str(), text.size() + 1)));
}

GenericRequest& GenericRequest::add_flag(std::uint16_t type) {
  return add_bytes(type, {});
}

GenericRequest& GenericRequest::add_nested(std::uint16_t type, const GenericRequest& inner) {
  return add_bytes(type | NLA_F_NESTED, inner.bytes().subspan(sizeof(genlmsghdr)));
}

GenericRequest& GenericRequest::add_bytes(std::uint16_t type, Bytes content) {
  const nlattr head{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + content.size()),
                    .nla_type = type};
  append(bytes_, std::as_bytes(std::span(&head, 1)));
  append(bytes_, content);
  bytes_.resize(NLA_ALIGN(bytes_.size()));
  return *this;
}

Result<GenericFamily> find_generic_family(const Netlink& netlink, const std::string& name) {
  GenericFamily family;
  const auto take = [&](const NetlinkMessage& message) {
    const auto all = attributes_after(message.payload, sizeof(genlmsghdr));
    family.id = plain_attribute<std::uint16_t>(all, CTRL_ATTR_FAMILY_ID).value_or(0);
    const auto groups = attribute(all, CTRL_ATTR_MCAST_GROUPS);
    if (!groups) return;
    for_each_attribute(*groups, [&](int, Bytes group) {
      const auto group_name = text_attribute(group, CTRL_ATTR_MCAST_GRP_NAME);
      const auto id = plain_attribute<std::uint32_t>(group, CTRL_ATTR_MCAST_GRP_ID);
      if (group_name && id) family.groups[*group_name] = *id;
    });
  };
  const auto asked = netlink.request(
      NETLINK_GENERIC, GENL_ID_CTRL, 0,
      GenericRequest(CTRL_CMD_GETFAMILY).add_text(CTRL_ATTR_FAMILY_NAME, name).bytes(), take);
  if (!asked || family.id == 0) return failure("the kernel has no netlink family " + name);
  return family;
}

Result<std::vector<std::vector<std::byte>>> generic_dump(const Netlink& netlink,
                                                         const GenericFamily& family,
                                                         const GenericRequest& request) {
  std::vector<std::vector<std::byte>> answers;
  for (const auto& message : TRY(dump(netlink, NETLINK_GENERIC, family.id, request.bytes()))) {
    const auto all = attributes_after(message.payload, sizeof(genlmsghdr));
    answers.emplace_back(all.begin(), all.end());
  }
  return answers;
}

}  // namespace base
