#include "lab/traffic/ping.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "lab/traffic/checksum.h"

namespace lab::traffic {
namespace {

using std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(1);
constexpr size_t kPayloadBytes = 56;

using Packet = std::array<std::uint8_t, sizeof(icmphdr) + kPayloadBytes>;

Packet echo_request(std::uint16_t id, std::uint16_t sequence) {
  Packet packet{};
  icmphdr header{};
  header.type = ICMP_ECHO;
  header.un.echo.id = id;
  header.un.echo.sequence = sequence;
  std::memcpy(packet.data(), &header, sizeof(header));
  header.checksum = internet_checksum(packet);
  std::memcpy(packet.data(), &header, sizeof(header));
  return packet;
}

// A raw socket hears all ICMP of its namespace: only the answer to our own request counts.
bool is_answer(const std::uint8_t* bytes, size_t length, std::uint16_t id, std::uint16_t sequence) {
  if (length < sizeof(iphdr)) return false;
  const size_t header_bytes = size_t{bytes[0] & 0x0fU} * 4;
  icmphdr header{};
  if (length < header_bytes + sizeof(header)) return false;
  std::memcpy(&header, bytes + header_bytes, sizeof(header));
  return header.type == ICMP_ECHOREPLY && header.un.echo.id == id &&
         header.un.echo.sequence == sequence;
}

bool await_answer(int fd, std::uint16_t id, std::uint16_t sequence, const Limit& limit) {
  const auto patience = steady_clock::now() + kPatience;
  std::array<std::uint8_t, 2048> heard{};
  while (!limit.reached() && steady_clock::now() < patience) {
    const auto length = recv(fd, heard.data(), heard.size(), 0);
    if (length < 0 && !try_again(errno)) return false;
    if (length > 0 && is_answer(heard.data(), static_cast<size_t>(length), id, sequence)) {
      return true;
    }
  }
  return false;
}

}  // namespace

base::Result<Counts> send_ping(const Common& common, const Address& to, std::uint64_t count,
                               std::chrono::milliseconds gap) {
  if (to.family() != AF_INET) return base::failure("ping goes to IPv4 addresses only");
  const auto raw = TRY(open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  const Limit limit(common.longest);
  const auto id = static_cast<std::uint16_t>(getpid());
  Counts counts{.name = common.name, .unit = "requests"};
  const auto start = steady_clock::now();
  for (std::uint64_t index = 0; index < count && !limit.reached(); ++index) {
    limit.sleep_until(start + index * gap);
    const auto sequence = htons(static_cast<std::uint16_t>(index));
    const auto packet = echo_request(id, sequence);
    if (sendto(raw.get(), packet.data(), packet.size(), 0, to.get(), to.length) < 0) {
      ++counts.errors;
      continue;
    }
    ++counts.sent;
    if (await_answer(raw.get(), id, sequence, limit)) ++counts.received;
  }
  return counts;
}

}  // namespace lab::traffic
