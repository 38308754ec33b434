// Names of processes come from anywhere and may hold what looks like a field: they are cut out
// first, and fields are looked for in what is left.
#include "offline/socket_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"

namespace offline {
namespace {

struct Address {
  std::string address;
  std::uint16_t port = 0;
};

// "0.0.0.0:53", "[::]:22", "*:80", "127.0.0.1%lo:53", ":::22" as netstat has it.
std::optional<Address> address_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port) return {};
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  address = address.substr(0, address.find('%'));
  return Address{std::string(address == "*" ? "" : address), *port};
}

bool is_udp(std::string_view protocol) {
  return protocol == "udp" || protocol == "udp6";
}

bool is_tcp(std::string_view protocol) {
  return protocol == "tcp" || protocol == "tcp6";
}

// Cuts users:(("dnsd",pid=812,fd=3),…) out of `text`. Yields the first of them.
std::optional<model::Owner> cut_users(std::string& text) {
  constexpr std::string_view kStart = "users:((\"";
  constexpr std::string_view kPid = "\",pid=";
  const auto start = text.find(kStart);
  if (start == std::string::npos) return {};
  const auto pid = text.find(kPid, start);
  if (pid == std::string::npos) return {};
  model::Owner owner;
  owner.comm = text.substr(start + kStart.size(), pid - start - kStart.size());
  const auto digits = pid + kPid.size();
  const auto digits_end = std::min(text.find_first_not_of("0123456789", digits), text.size());
  owner.pid =
      base::parse_number<std::uint32_t>(std::string_view(text).substr(digits, digits_end - digits))
          .value_or(0);
  const auto end = text.rfind("))");
  text.erase(start, (end == std::string::npos || end < pid ? text.size() : end + 2) - start);
  return owner;
}

std::uint64_t number_after(std::string_view text, std::string_view key) {
  const auto found = text.find(key);
  if (found == std::string_view::npos) return 0;
  const auto begin = found + key.size();
  const auto end = std::min(text.find_first_not_of("0123456789", begin), text.size());
  return base::parse_number(text.substr(begin, end - begin)).value_or(0);
}

// skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)
void take_memory(std::string_view text, model::Socket& socket) {
  const auto start = text.find("skmem:(");
  if (start == std::string_view::npos) return;
  const auto memory = text.substr(start, text.find(')', start) - start);
  socket.receive_memory = number_after(memory, "skmem:(r");
  socket.receive_buffer = number_after(memory, ",rb");
  socket.send_memory = number_after(memory, ",t");
  socket.send_buffer = number_after(memory, ",tb");
  socket.drops = number_after(memory, ",d");
}

void take_cgroup(std::string_view text, model::Owner& owner) {
  constexpr std::string_view kKey = " cgroup:";
  const auto found = text.find(kKey);
  if (found == std::string_view::npos) return;
  const auto rest = text.substr(found + kKey.size());
  const auto path = rest.substr(0, rest.find_first_of(" \t"));
  // ss may not see where it lies.
  if (path.starts_with('/')) owner.cgroup = path;
}

std::optional<model::Socket> socket_of_ss(std::string text, const model::Inode& netns,
                                          std::string_view protocol) {
  auto owner = cut_users(text);
  auto words = base::words(text);
  if (words.size() < 5) return {};
  if (protocol.empty()) {
    protocol = words[0];
    words.erase(words.begin());
  }
  if (words.size() < 5 || (!is_udp(protocol) && !is_tcp(protocol))) return {};
  if (is_tcp(protocol) && words[0] != "LISTEN") return {};
  const auto local = address_of(words[3]);
  const auto received = base::parse_number(words[1]);
  const auto sent = base::parse_number(words[2]);
  if (!local || !received || !sent) return {};
  model::Socket socket{.netns = netns, .protocol = std::string(protocol.substr(0, 3))};
  socket.state = words[0] == "LISTEN" ? "listen" : "unconnected";
  socket.local = local->address;
  socket.family = socket.local.find(':') == std::string::npos ? 4 : 6;
  socket.local_port = local->port;
  socket.receive_queue = *received;
  socket.send_queue = *sent;
  socket.inode = number_after(text, " ino:");
  take_memory(text, socket);
  if (owner) take_cgroup(text, *owner);
  if (owner) socket.owner = std::move(*owner);
  return socket;
}

// The inode is the second number behind the state; "812/dnsd" follows it, or "-".
std::optional<model::Socket> socket_of_netstat(std::string_view line, const model::Inode& netns) {
  auto words = base::words(line);
  if (words.size() < 7 || (!is_udp(words[0]) && !is_tcp(words[0]))) return {};
  const bool listens = words[5] == "LISTEN";
  if (is_tcp(words[0]) && !listens) return {};
  // UDP has no state, but for connected sockets.
  std::size_t at = 5;
  if (std::isdigit(static_cast<unsigned char>(words[at][0])) == 0) ++at;
  const auto local = address_of(words[3]);
  if (!local || words.size() < at + 2) return {};
  model::Socket socket{.netns = netns, .protocol = std::string(words[0].substr(0, 3))};
  socket.state = listens ? "listen" : "unconnected";
  socket.local = local->address;
  socket.family = words[0].ends_with('6') ? 6 : 4;
  socket.local_port = local->port;
  socket.receive_queue = base::parse_number(words[1]).value_or(0);
  socket.inode = base::parse_number(words[at + 1]).value_or(0);
  if (words.size() < at + 3) return socket;
  const auto slash = words[at + 2].find('/');
  const auto pid = base::parse_number<std::uint32_t>(words[at + 2].substr(0, slash));
  if (slash == std::string_view::npos || !pid) return socket;
  model::Owner owner{.pid = *pid, .comm = std::string(words[at + 2].substr(slash + 1))};
  socket.owner = std::move(owner);
  return socket;
}

void complete(const model::Socket& printed, model::Socket& socket) {
  if (!socket.owner && printed.owner) socket.owner = printed.owner;
  if (socket.receive_buffer == 0) socket.receive_buffer = printed.receive_buffer;
  if (socket.send_buffer == 0) socket.send_buffer = printed.send_buffer;
  if (socket.receive_memory == 0) socket.receive_memory = printed.receive_memory;
}

}  // namespace

std::vector<model::Socket> parse_ss(std::string_view text, const model::Inode& netns,
                                    std::string_view protocol) {
  std::vector<model::Socket> sockets;
  std::string record;
  const auto take = [&] {
    if (auto socket = socket_of_ss(std::exchange(record, {}), netns, protocol)) {
      sockets.push_back(std::move(*socket));
    }
  };
  for (const auto line : base::lines(text)) {
    // The memory and what TCP knows stand on a line below.
    if (!line.starts_with(' ') && !line.starts_with('\t')) take();
    record.append(line).append(1, ' ');
  }
  take();
  return sockets;
}

std::vector<model::Socket> parse_netstat_sockets(std::string_view text, const model::Inode& netns) {
  std::vector<model::Socket> sockets;
  for (const auto line : base::lines(text)) {
    if (auto socket = socket_of_netstat(line, netns)) sockets.push_back(std::move(*socket));
  }
  return sockets;
}

void add_printed_sockets(std::vector<model::Socket> printed, std::vector<model::Socket>& sockets) {
  std::ranges::sort(printed, {}, &model::Socket::inode);
  for (auto& socket : sockets) {
    if (socket.inode == 0) continue;
    const auto found = std::ranges::lower_bound(printed, socket.inode, {}, &model::Socket::inode);
    if (found != printed.end() && found->inode == socket.inode) complete(*found, socket);
  }
  for (auto& socket : printed) {
    if (socket.state == "listen") sockets.push_back(std::move(socket));
  }
}

}  // namespace offline
