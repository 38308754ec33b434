#include "base/netlink.h"

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <ranges>

namespace base {
namespace {

using Take = std::function<void(const NetlinkMessage&)>;

constexpr int kAttempts = 3;
// The kernel fills a dump's datagram as far as the reader's buffer goes, up to 32 KiB; one device
// with many virtual functions alone can be more.
constexpr std::size_t kBufferBytes = 32768;
// Answers come at once or not at all; a kernel that never answers must not hang us.
constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};

struct SocketDeleter {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
using Socket = std::unique_ptr<nl_sock, SocketDeleter>;

// libnl's codes name errno values; these are the ones that a reader tells apart.
int errno_of(int code) {
  if (code == -NLE_PROTO_MISMATCH) return EPROTONOSUPPORT;
  return code == -NLE_PERM ? EPERM : 0;
}

std::unexpected<Error> library_failure(const std::string& doing, int code) {
  return std::unexpected(Error{doing + ": " + nl_geterror(code), {}, errno_of(code)});
}

Result<Socket> open_socket(int family) {
  Socket socket(nl_socket_alloc());
  if (!socket) return failure("open a netlink socket: out of memory");
  nl_socket_disable_auto_ack(socket.get());
  const int code = nl_connect(socket.get(), family);
  if (code < 0) return library_failure("open a netlink socket", code);
  const int descriptor = nl_socket_get_fd(socket.get());
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  // The kernel then lists only what fits the request, instead of all. Since 4.20; harmless before.
  const int strict = 1;
  setsockopt(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
  return socket;
}

// Cuts the first message off `stream`; nothing at its end or where a message is cut short.
struct Frame {
  nlmsghdr header;
  std::span<const std::byte> payload;
};

std::optional<Frame> next_frame(std::span<const std::byte>& stream) {
  const auto header = read_plain<nlmsghdr>(stream);
  if (!header || header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > stream.size()) return {};
  const Frame frame{*header, stream.subspan(NLMSG_HDRLEN, header->nlmsg_len - NLMSG_HDRLEN)};
  stream = stream.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nlmsg_len), stream.size()));
  return frame;
}

NetlinkMessage message_of(const Frame& frame) {
  return {.type = frame.header.nlmsg_type, .payload = {frame.payload.begin(), frame.payload.end()}};
}

// How long the datagram is that came into `buffer`: longer than that where it did not fit.
Result<std::size_t> receive(int descriptor, std::vector<std::byte>& buffer,
                            const std::string& doing) {
  while (true) {
    sockaddr_nl from{};
    socklen_t from_bytes = sizeof from;
    const ssize_t got = recvfrom(descriptor, buffer.data(), buffer.size(), MSG_TRUNC,
                                 reinterpret_cast<sockaddr*>(&from), &from_bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(doing, errno);
    if (got == 0) return failure(doing + ": the kernel closed the socket");
    if (from.nl_pid != 0) continue;  // not the kernel: any process may send to our port
    return static_cast<std::size_t>(got);
  }
}

// True where the dump was interrupted, or longer than the buffer, which then is made longer.
Result<bool> receive_all(int descriptor, std::uint32_t sequence, const std::string& doing,
                         std::vector<std::byte>& buffer, const Take& take) {
  while (true) {
    const std::size_t length = TRY(receive(descriptor, buffer, doing));
    if (length > buffer.size()) {
      buffer.resize(length);
      return true;
    }
    const auto datagram = std::span<const std::byte>(buffer).first(length);
    const auto state = TRY(take_datagram(datagram, sequence, doing, take));
    if (state != AnswerState::kMore) return state == AnswerState::kInterrupted;
  }
}

struct Request {
  int family;
  std::uint16_t type;
  std::uint16_t flags;
  std::span<const std::byte> payload;
};

// True where the dump was interrupted.
Result<bool> attempt(nl_sock* socket, const Request& request, const std::string& doing,
                     std::vector<std::byte>& buffer, const Take& take) {
  const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> message(
      nlmsg_alloc_simple(request.type, request.flags), &nlmsg_free);
  if (!message) return failure(doing + ": out of memory");
  const int appended = nlmsg_append(message.get(), const_cast<std::byte*>(request.payload.data()),
                                    request.payload.size(), NLMSG_ALIGNTO);
  if (appended < 0) return library_failure(doing, appended);
  const int sent = nl_send_auto(socket, message.get());
  if (sent < 0) return library_failure(doing, sent);
  return receive_all(nl_socket_get_fd(socket), nlmsg_hdr(message.get())->nlmsg_seq, doing, buffer,
                     take);
}

class SystemNetlink : public Netlink {
 public:
  [[nodiscard]] Status request(int family, std::uint16_t type, std::uint16_t flags,
                               std::span<const std::byte> payload,
                               const Take& take) const override {
    const std::string doing =
        "netlink request " + std::to_string(family) + "/" + std::to_string(type);
    // An answer that is not a dump ends with its acknowledgement.
    const bool dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
    const auto all_flags =
        static_cast<std::uint16_t>(flags | NLM_F_REQUEST | (dump ? 0 : NLM_F_ACK));
    const Request wanted{family, type, all_flags, payload};
    if (family == NETLINK_SOCK_DIAG) {
      const bool cut = TRY(attempt_once(wanted, doing, take));
      if (cut) return failure(doing + ": an answer is longer than the kernel makes them");
      return {};
    }
    for (int tried = 0; tried < kAttempts; ++tried) {
      std::vector<NetlinkMessage> answers;
      const bool interrupted = TRY(attempt_once(
          wanted, doing, [&](const NetlinkMessage& message) { answers.push_back(message); }));
      if (interrupted) continue;
      for (const NetlinkMessage& answer : answers) take(answer);
      return {};
    }
    return failure(doing + ": interrupted: what is listed changes faster than it can be read");
  }

 private:
  // One try. Its socket is kept for the next request where the answer was read to its end: what is
  // left of a dump would stand in the way of the next.
  Result<bool> attempt_once(const Request& wanted, const std::string& doing,
                            const Take& take) const {
    Socket socket = std::move(sockets_[wanted.family]);
    if (!socket) socket = TRY(open_socket(wanted.family));
    const bool cut = TRY(attempt(socket.get(), wanted, doing, buffer_, take));
    if (!cut) sockets_[wanted.family] = std::move(socket);
    return cut;
  }

  mutable std::map<int, Socket> sockets_;  // by family
  mutable std::vector<std::byte> buffer_ = std::vector<std::byte>(kBufferBytes);
};

}  // namespace

std::unique_ptr<Netlink> system_netlink() {
  return std::make_unique<SystemNetlink>();
}

Result<std::vector<NetlinkMessage>> dump(const Netlink& netlink, int family, std::uint16_t type,
                                         std::span<const std::byte> request) {
  std::vector<NetlinkMessage> messages;
  TRY(netlink.request(family, type, NLM_F_DUMP, request,
                      [&](const NetlinkMessage& message) { messages.push_back(message); }));
  return messages;
}

std::vector<NetlinkMessage> netlink_messages(std::span<const std::byte> stream) {
  std::vector<NetlinkMessage> messages;
  while (const auto frame = next_frame(stream)) {
    if (frame->header.nlmsg_type >= NLMSG_MIN_TYPE) messages.push_back(message_of(*frame));
  }
  return messages;
}

Result<AnswerState> take_datagram(std::span<const std::byte> datagram, std::uint32_t sequence,
                                  const std::string& doing, const Take& take) {
  auto state = AnswerState::kMore;
  NetlinkMessage message;  // one for all: its memory is used again
  while (const auto frame = next_frame(datagram)) {
    const nlmsghdr& header = frame->header;
    if (header.nlmsg_seq != sequence) continue;
    if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) state = AnswerState::kInterrupted;
    if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
      // Both start with a negative errno, or 0.
      const int code = read_plain<int>(frame->payload).value_or(0);
      if (code < 0) return system_failure(doing, -code);
      return state == AnswerState::kMore ? AnswerState::kDone : state;
    }
    if (header.nlmsg_type < NLMSG_MIN_TYPE) continue;
    message.type = header.nlmsg_type;
    message.payload.assign(frame->payload.begin(), frame->payload.end());
    take(message);
  }
  return state;
}

std::optional<std::span<const std::byte>> attribute(std::span<const std::byte> attributes,
                                                    int type) {
  const auto* head = reinterpret_cast<const nlattr*>(attributes.data());
  const nlattr* found = nla_find(head, static_cast<int>(attributes.size()), type);
  if (found == nullptr) return {};
  return std::span(static_cast<const std::byte*>(nla_data(found)),
                   static_cast<std::size_t>(nla_len(found)));
}

void for_each_attribute(std::span<const std::byte> attributes,
                        const std::function<void(int, std::span<const std::byte>)>& take) {
  const auto* one = reinterpret_cast<const nlattr*>(attributes.data());
  int left = static_cast<int>(attributes.size());
  for (; nla_ok(one, left) != 0; one = nla_next(one, &left)) {
    take(nla_type(one), std::span(static_cast<const std::byte*>(nla_data(one)),
                                  static_cast<std::size_t>(nla_len(one))));
  }
}

std::span<const std::byte> attributes_after(std::span<const std::byte> payload,
                                            std::size_t header_bytes) {
  const std::size_t aligned = NLMSG_ALIGN(header_bytes);
  if (payload.size() < aligned) return {};
  return payload.subspan(aligned);
}

std::optional<std::string> text_attribute(std::span<const std::byte> attributes, int type) {
  const auto content = attribute(attributes, type);
  if (!content) return {};
  const std::string_view text(reinterpret_cast<const char*>(content->data()), content->size());
  return std::string(text.substr(0, text.find('\0')));
}

void MemoryNetlink::put(int family, std::uint16_t type, std::vector<NetlinkMessage> answers) {
  put(family, type, {}, std::move(answers));
}

void MemoryNetlink::put(int family, std::uint16_t type, std::span<const std::byte> request,
                        std::vector<NetlinkMessage> answers) {
  answers_.push_back({family, type, {request.begin(), request.end()}, std::move(answers)});
}

void MemoryNetlink::put_capture(int family, std::uint16_t type, std::span<const std::byte> stream) {
  put(family, type, netlink_messages(stream));
}

void MemoryNetlink::put_failure(int family, std::uint16_t type, Error error) {
  answers_.push_back({family, type, {}, std::unexpected(std::move(error))});
}

Status MemoryNetlink::request(int family, std::uint16_t type, std::uint16_t /*flags*/,
                              std::span<const std::byte> payload, const Take& take) const {
  for (const Answer& answer : std::views::reverse(answers_)) {
    const bool same = payload.size() >= answer.request.size() &&
                      std::ranges::equal(answer.request, payload.first(answer.request.size()));
    if (answer.family != family || answer.type != type || !same) continue;
    if (!answer.messages) return std::unexpected(answer.messages.error());
    for (const NetlinkMessage& message : *answer.messages) take(message);
    return {};
  }
  return failure("netlink request " + std::to_string(family) + "/" + std::to_string(type) +
                 ": nothing was put in for it");
}

}  // namespace base
