// Generic netlink: families of requests that the kernel numbers when they are registered, so that
// each has to be found by its name first.
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/netlink.h"

namespace base {

// The payload of a request: a genlmsghdr and attributes behind it.
class GenericRequest {
 public:
  explicit GenericRequest(std::uint8_t command, std::uint8_t version = 1);

  template <class Plain>
  GenericRequest& add(std::uint16_t type, const Plain& value) {
    return add_bytes(type, std::as_bytes(std::span(&value, 1)));
  }
  GenericRequest& add_text(std::uint16_t type, const std::string& text);
  // An attribute that is there or not, and holds nothing.
  GenericRequest& add_flag(std::uint16_t type);
  // An attribute that holds attributes, laid out as those of a request.
  GenericRequest& add_nested(std::uint16_t type, const GenericRequest& inner);
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  GenericRequest& add_bytes(std::uint16_t type, std::span<const std::byte> content);
  std::vector<std::byte> bytes_;
};

struct GenericFamily {
  std::uint16_t id = 0;
  std::map<std::string, std::uint32_t, std::less<>> groups;  // multicast groups by name
};

// Error: this kernel has no such family, or its module is not loaded.
[[nodiscard]] Result<GenericFamily> find_generic_family(const Netlink& netlink,
                                                        const std::string& name);

// The attributes of every answer to a dump. Error: as Netlink::request.
[[nodiscard]] Result<std::vector<std::vector<std::byte>>> generic_dump(
    const Netlink& netlink, const GenericFamily& family, const GenericRequest& request);

}  // namespace base
