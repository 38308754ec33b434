#include "sources/socket_text.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

#include "base/text.h"

namespace sources {
namespace {

// By number, as enum tcp_states of the kernel has them; UDP uses 1 and 7 only.
constexpr auto kStates = std::to_array<std::string_view>(
    {"unknown", "established", "syn-sent", "syn-received", "fin-wait-1", "fin-wait-2", "time-wait",
     "close", "close-wait", "last-ack", "listen", "closing", "syn-received"});
constexpr unsigned kClosed = 7;

// "0100007F:14E9": words of 32 bits in the machine's order, in hexadecimal.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

std::optional<Endpoint> parse_endpoint(std::string_view text, int family) {
  const std::size_t digits = family == 4 ? 8 : 32;
  if (text.size() != digits + 5 || text[digits] != ':') return {};
  std::array<std::uint32_t, 4> words{};
  for (std::size_t at = 0; at < digits; at += 8) {
    const auto word = base::parse_number<std::uint32_t>(text.substr(at, 8), 16);
    if (!word) return {};
    words[at / 8] = *word;
  }
  const auto port = base::parse_number<std::uint16_t>(text.substr(digits + 1), 16);
  if (!port) return {};
  return Endpoint{socket_address(family == 4 ? AF_INET : AF_INET6, words.data()), *port};
}

std::optional<model::Socket> parse_proc_line(std::string_view line, int protocol, int family,
                                             const model::Inode& netns) {
  // sl local remote st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops
  const auto words = base::words(line);
  if (words.size() < 13) return {};
  const auto local = parse_endpoint(words[1], family);
  const auto remote = parse_endpoint(words[2], family);
  const auto state = base::parse_number<unsigned>(words[3], 16);
  const auto queues = base::split(words[4], ':');
  const auto uid = base::parse_number<std::uint32_t>(words[7]);
  const auto inode = base::parse_number(words[9]);
  const auto drops = base::parse_number(words[12]);
  if (!local || !remote || !state || queues.size() != 2 || !uid || !inode || !drops) return {};
  const auto sending = base::parse_number(queues[0], 16);
  const auto receiving = base::parse_number(queues[1], 16);
  if (!sending || !receiving) return {};
  return model::Socket{.netns = netns,
                       .protocol = std::string(protocol_name(protocol)),
                       .family = family,
                       .state = socket_state(*state, protocol),
                       .local = local->address,
                       .local_port = local->port,
                       .remote = remote->address,
                       .remote_port = remote->port,
                       .inode = *inode,
                       .uid = *uid,
                       .receive_queue = *receiving,
                       .send_queue = *sending,
                       .receive_memory = *receiving,
                       .send_memory = *sending,
                       .drops = *drops};
}

}  // namespace

std::string_view protocol_name(int protocol) {
  if (protocol == IPPROTO_RAW) return "raw";
  return protocol == IPPROTO_UDP ? "udp" : "tcp";
}

std::string socket_state(unsigned state, int protocol) {
  if (protocol != IPPROTO_TCP && state == kClosed) return "unconnected";
  return std::string(state < kStates.size() ? kStates[state] : kStates[0]);
}

std::string socket_address(int family, const void* address) {
  // Where sockets are many, most are of IPv4, and inet_ntop() is slow.
  if (family == AF_INET) {
    char dotted[INET_ADDRSTRLEN];
    char* end = dotted;
    for (std::size_t at = 0; at < sizeof(in_addr); ++at) {
      if (at > 0) *end++ = '.';
      const auto part = static_cast<const std::uint8_t*>(address)[at];
      end = std::to_chars(end, dotted + sizeof dotted, part).ptr;
    }
    return {dotted, end};
  }
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address, text, sizeof text);
  return text;
}

std::vector<model::Socket> parse_proc_sockets(std::string_view text, int protocol, int family,
                                              const model::Inode& netns) {
  std::vector<model::Socket> sockets;
  for (const std::string_view line : base::lines(text)) {
    if (auto socket = parse_proc_line(line, protocol, family, netns)) {
      sockets.push_back(std::move(*socket));
    }
  }
  return sockets;
}

}  // namespace sources
