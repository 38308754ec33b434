#include "offline/kernel_files.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace offline {
namespace {

// The names and numbers of each group ("Tcp"), in the order in which they came.
class Groups {
 public:
  void add(std::string_view group, std::string_view name, std::string_view number) {
    auto& [names, numbers] = groups_[std::string(group)];
    names.append(1, ' ').append(name);
    numbers.append(1, ' ').append(number);
  }

  // As the kernel writes them: a line of names and a line of numbers below it.
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [group, lines] : groups_) {
      text.append(group).append(1, ':').append(lines.first).append(1, '\n');
      text.append(group).append(1, ':').append(lines.second).append(1, '\n');
    }
    return text;
  }

 private:
  std::map<std::string, std::pair<std::string, std::string>> groups_;
};

// Longer names before those that they begin with. Of IPv6, nstat prints the kernel's own names.
constexpr auto kExtended = std::to_array<std::string_view>({"TcpExt", "IpExt", "MPTcpExt"});
constexpr auto kOfIpv6 = std::to_array<std::string_view>({"Ip6", "Icmp6", "Udp6", "UdpLite6"});
constexpr auto kPlain =
    std::to_array<std::string_view>({"IcmpMsg", "Icmp", "UdpLite", "Udp", "Tcp", "Ip"});

// The group that a name of nstat begins with; "" of none.
template <std::size_t N>
std::string_view group_of(std::string_view name, const std::array<std::string_view, N>& groups) {
  const auto found =
      std::ranges::find_if(groups, [&](std::string_view group) { return name.starts_with(group); });
  return found == groups.end() || found->size() == name.size() ? std::string_view() : *found;
}

struct Sentence {
  std::string_view group;
  std::string_view words;  // behind the number
  std::string_view name;
};

// net-tools' statistics.c, as Debian 12 has it.
constexpr auto kSentences = std::to_array<Sentence>({
    {"Ip", "total packets received", "InReceives"},
    {"Ip", "forwarded", "ForwDatagrams"},
    {"Ip", "incoming packets discarded", "InDiscards"},
    {"Ip", "incoming packets delivered", "InDelivers"},
    {"Ip", "requests sent out", "OutRequests"},
    {"Ip", "outgoing packets dropped", "OutDiscards"},
    {"Ip", "dropped because of missing route", "OutNoRoutes"},
    {"Tcp", "active connection openings", "ActiveOpens"},
    {"Tcp", "passive connection openings", "PassiveOpens"},
    {"Tcp", "segments received", "InSegs"},
    {"Tcp", "segments sent out", "OutSegs"},
    {"Tcp", "segments retransmitted", "RetransSegs"},
    {"Tcp", "bad segments received", "InErrs"},
    {"Udp", "packets received", "InDatagrams"},
    {"Udp", "packets to unknown port received", "NoPorts"},
    {"Udp", "packet receive errors", "InErrors"},
    {"Udp", "packets sent", "OutDatagrams"},
    {"Udp", "receive buffer errors", "RcvbufErrors"},
    {"Udp", "send buffer errors", "SndbufErrors"},
    {"TcpExt", "times the listen queue of a socket overflowed", "ListenOverflows"},
    {"TcpExt", "SYNs to LISTEN sockets dropped", "ListenDrops"},
});

bool is_extended(std::string_view group) {
  return std::ranges::find(kExtended, group) != kExtended.end();
}

// "InNoECTPkts: 17": a counter for which netstat has no sentence.
bool take_plain_pair(std::string_view group, std::string_view line, Groups& groups) {
  const auto colon = line.find(": ");
  if (colon == std::string_view::npos ||
      line.substr(0, colon).find(' ') != std::string_view::npos) {
    return false;
  }
  const auto number = base::trim(line.substr(colon + 2));
  if (!base::parse_number(number) || line.starts_with("Forwarding")) return false;
  groups.add(group, line.substr(0, colon), number);
  return true;
}

void take_sentence(std::string_view group, std::string_view line, Groups& groups) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos || !base::parse_number(line.substr(0, blank))) return;
  for (const auto& sentence : kSentences) {
    if (sentence.group == group && sentence.words == line.substr(blank + 1)) {
      groups.add(group, sentence.name, line.substr(0, blank));
    }
  }
}

}  // namespace

ProtocolFiles files_of_nstat(std::string_view text) {
  Groups plain;
  Groups extended;
  ProtocolFiles files;
  for (const auto line : base::lines(text)) {
    const auto words = base::words(line);
    if (words.size() < 2 || !base::parse_number(words[1])) continue;
    if (const auto group = group_of(words[0], kExtended); !group.empty()) {
      extended.add(group, words[0].substr(group.size()), words[1]);
    } else if (!group_of(words[0], kOfIpv6).empty()) {
      files.snmp6.append(words[0]).append(1, ' ').append(words[1]).append(1, '\n');
    } else if (const auto other = group_of(words[0], kPlain); !other.empty()) {
      plain.add(other, words[0].substr(other.size()), words[1]);
    }
  }
  files.snmp = plain.text();
  files.netstat = extended.text();
  return files;
}

ProtocolFiles files_of_netstat(std::string_view text) {
  Groups plain;
  Groups extended;
  std::string_view group;
  for (const auto line : base::lines(text)) {
    if (!line.starts_with(' ')) {
      group = line.substr(0, line.find(':'));
      continue;
    }
    auto& groups = is_extended(group) ? extended : plain;
    const auto content = base::trim(line);
    if (!take_plain_pair(group, content, groups)) take_sentence(group, content, groups);
  }
  return {.snmp = plain.text(), .netstat = extended.text(), .snmp6 = {}};
}

std::map<std::string, std::string> files_of_sysctl(std::string_view text) {
  std::map<std::string, std::string> files;
  for (const auto line : base::lines(text)) {
    const auto equals = line.find(" = ");
    constexpr std::size_t kMostNameBytes = 256;
    if (equals > kMostNameBytes || !line.starts_with("net.")) continue;  // npos is more, too
    std::string path(line.substr(0, equals));
    // A dot in a device's name is printed as a slash.
    for (char& letter : path) {
      if (letter == '.' || letter == '/') letter = letter == '.' ? '/' : '.';
    }
    files[path] = line.substr(equals + 3);
  }
  return files;
}

}  // namespace offline
