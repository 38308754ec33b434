// The netlink seam: one request, the kernel's answer as messages. Sockets and attribute walking are
// libnl's; what the answers mean is for the sources. A test feeds captured bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace base {

// One netlink message without its nlmsghdr.
struct NetlinkMessage {
  std::uint16_t type = 0;
  std::vector<std::byte> payload;
};

class Netlink {
 public:
  virtual ~Netlink() = default;
  // Sends one request of `family` (NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_GENERIC) in the network
  // namespace of the calling thread and calls `take` for each answer. The socket is closed before
  // it returns: one held open would keep a deleted namespace alive. `flags` as in nlmsghdr
  // (NLM_F_DUMP for a dump). Error: the kernel's errno in words, or "interrupted" when a dump
  // changed under the reader three times in a row.
  [[nodiscard]] virtual Status request(
      int family, std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
      const std::function<void(const NetlinkMessage&)>& take) const = 0;
};

[[nodiscard]] std::unique_ptr<Netlink> system_netlink();

// Answers every request of (family, type) with what was put in: for tests.
class MemoryNetlink : public Netlink {
 public:
  void put(int family, std::uint16_t type, std::vector<NetlinkMessage> answers);
  // Splits a captured byte stream (nlmsghdr and all) into messages and puts them.
  void put_capture(int family, std::uint16_t type, std::span<const std::byte> stream);
  [[nodiscard]] Status request(
      int family, std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
      const std::function<void(const NetlinkMessage&)>& take) const override;

 private:
  struct Answer {
    int family;
    std::uint16_t type;
    std::vector<NetlinkMessage> messages;
  };
  std::vector<Answer> answers_;
};

}  // namespace base
