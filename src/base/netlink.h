// The netlink seam: one request, the kernel's answer as messages. Sockets and attribute walking are
// libnl's; what the answers mean is for the sources. A test feeds captured bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
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
  // Sends one request of `family` (NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_NETFILTER) in the
  // network namespace that it serves and calls `take` for each answer. `flags` as in nlmsghdr
  // (NLM_F_DUMP for a dump, of which the kernel leaves out what does not fit the header in
  // `payload`: NETLINK_GET_STRICT_CHK). Error: the kernel's errno in words, or "interrupted" when a
  // dump changed under the reader three times in a row; then `take` has not been called (a dump of
  // NETLINK_SOCK_DIAG, which the kernel never marks as interrupted, is handed on as it comes: it
  // can be larger than our memory).
  [[nodiscard]] virtual Status request(
      int family, std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
      const std::function<void(const NetlinkMessage&)>& take) const = 0;
};

// Serves the network namespace in which the calling thread is when it is first asked, from one
// thread at a time. It holds a socket for each family until it is destroyed, and with them the
// namespace: let it live no longer than the visit.
[[nodiscard]] std::unique_ptr<Netlink> system_netlink();

// All answers to a dump of `type`, asked for with the header (and attributes) in `request`. Error:
// as Netlink::request.
[[nodiscard]] Result<std::vector<NetlinkMessage>> dump(const Netlink& netlink, int family,
                                                       std::uint16_t type,
                                                       std::span<const std::byte> request);

// The same, asked for with a fixed-layout kernel struct.
template <class Plain>
  requires(!std::is_convertible_v<const Plain&, std::span<const std::byte>>)
[[nodiscard]] Result<std::vector<NetlinkMessage>> dump(const Netlink& netlink, int family,
                                                       std::uint16_t type, const Plain& request) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  return dump(netlink, family, type, std::as_bytes(std::span(&request, 1)));
}

// Splits a byte stream (nlmsghdr and all) into messages; a message cut short ends it. The ends of
// dumps, errors and other control messages are left out.
[[nodiscard]] std::vector<NetlinkMessage> netlink_messages(std::span<const std::byte> stream);

// What one datagram says about the answer it is a part of.
enum class AnswerState : std::uint8_t { kMore, kDone, kInterrupted };

// Hands on the messages of a datagram that answer the request numbered `sequence`. Error: `doing`
// and the kernel's errno in words. Interrupted: what is listed changed while the kernel listed it,
// so that something may be missing or be there twice.
[[nodiscard]] Result<AnswerState> take_datagram(
    std::span<const std::byte> datagram, std::uint32_t sequence, const std::string& doing,
    const std::function<void(const NetlinkMessage&)>& take);

// The content of the first attribute `type` in a run of attributes; nothing where it is missing or
// cut short. Flags in the type (nested, byte order) are ignored.
[[nodiscard]] std::optional<std::span<const std::byte>> attribute(
    std::span<const std::byte> attributes, int type);

// Calls `take` with the type (without its flags) and the content of each of a run of attributes;
// one that is cut short ends it.
void for_each_attribute(std::span<const std::byte> attributes,
                        const std::function<void(int, std::span<const std::byte>)>& take);

// The attributes that follow a header of `header_bytes` in a payload; empty where it is too short.
[[nodiscard]] std::span<const std::byte> attributes_after(std::span<const std::byte> payload,
                                                          std::size_t header_bytes);

// `bytes` as a fixed-layout kernel struct or number; nothing where they are too few.
template <class Plain>
[[nodiscard]] std::optional<Plain> read_plain(std::span<const std::byte> bytes) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  if (bytes.size() < sizeof(Plain)) return {};
  Plain plain{};
  std::memcpy(&plain, bytes.data(), sizeof plain);
  return plain;
}

template <class Plain>
[[nodiscard]] std::optional<Plain> plain_attribute(std::span<const std::byte> attributes,
                                                   int type) {
  const auto content = attribute(attributes, type);
  if (!content) return {};
  return read_plain<Plain>(*content);
}

// The text of an attribute up to its NUL; nothing where it is missing.
[[nodiscard]] std::optional<std::string> text_attribute(std::span<const std::byte> attributes,
                                                        int type);

// Answers every request of (family, type) with what was put in: for tests.
class MemoryNetlink : public Netlink {
 public:
  // Answers are those of the last `put` for (family, type).
  void put(int family, std::uint16_t type, std::vector<NetlinkMessage> answers);
  // As above, only for requests whose payload starts with `request`.
  void put(int family, std::uint16_t type, std::span<const std::byte> request,
           std::vector<NetlinkMessage> answers);
  // Splits a captured byte stream (nlmsghdr and all) into messages and puts them.
  void put_capture(int family, std::uint16_t type, std::span<const std::byte> stream);
  void put_failure(int family, std::uint16_t type, Error error);
  [[nodiscard]] Status request(
      int family, std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
      const std::function<void(const NetlinkMessage&)>& take) const override;

 private:
  struct Answer {
    int family;
    std::uint16_t type;
    std::vector<std::byte> request;
    Result<std::vector<NetlinkMessage>> messages;
  };
  std::vector<Answer> answers_;
};

}  // namespace base
