// Random filters over the language of man pcap-filter.
#pragma once

#include <string>

#include <fmt/format.h>

#include "filter/random_values.h"

namespace filter {

class ExpressionMaker {
 public:
  explicit ExpressionMaker(std::uint64_t seed) : dice_(seed) {}

  std::string make() { return boolean(static_cast<int>(dice_.below(4))); }

 private:
  using Words = std::span<const std::string_view>;
  std::string word(std::initializer_list<std::string_view> words) {
    return std::string(dice_.of(Words(words.begin(), words.size())));
  }

  std::string boolean(int depth) {
    if (depth == 0) return primitive();
    switch (dice_.below(6)) {
      case 0:
        return fmt::format("not ({})", boolean(depth - 1));
      case 1:
      case 2:
        return fmt::format("({}) and ({})", boolean(depth - 1), boolean(depth - 1));
      case 3:
        return fmt::format("{} and {}", boolean(depth - 1), primitive());
      default:
        return fmt::format("({}) or {}", boolean(depth - 1), boolean(depth - 1));
    }
  }

  std::string primitive() {
    switch (dice_.below(12)) {
      case 0:
      case 1:
        return fmt::format("{}{}host {}", word({"", "ip ", "arp ", "rarp "}), direction(),
                           dice_.of(kIpv4Hosts));
      case 2:
        return fmt::format("{}host {}", direction(), dice_.of(kIpv6Hosts));
      case 3:
      case 4:
        return port();
      case 5:
        return net();
      case 6:
        return link();
      case 7:
        return word({"ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6", "igmp", "sctp",
                     "ah", "esp", "pim", "vrrp", "stp", "iso", "atalk", "netbeui", "ipx"});
      case 8:
        return protocol();
      case 9:
        return length();
      default:
        return relation();
    }
  }

  std::string direction() { return word({"", "", "src ", "dst ", "src or dst ", "src and dst "}); }
  std::string host4() { return std::string(dice_.of(kIpv4Hosts)); }

  std::string port() {
    const auto kind = word({"", "", "tcp ", "udp ", "sctp "});
    if (dice_.one_in(4)) {
      const auto one = dice_.of(kPorts);
      const auto other = dice_.of(kPorts);
      return fmt::format("{}{}portrange {}-{}", kind, direction(), std::min(one, other),
                         std::max(one, other));
    }
    if (dice_.one_in(6)) return direction() + "port " + word({"domain", "ssh", "http", "https"});
    return fmt::format("{}{}port {}", kind, direction(), dice_.of(kPorts));
  }

  std::string net() {
    return direction() + "net " +
           word({"10", "10.0.0.0/8", "10.0.0.0/31", "192.168.0.0/16", "0.0.0.0/0", "224.0.0.0/4",
                 "10.0.0.0 mask 255.255.0.0", "fd00::/64", "2001:db8::/32", "::/0", "ff00::/8"});
  }

  std::string link() {
    switch (dice_.below(7)) {
      case 0:
        return fmt::format("ether {}host {}", direction(), dice_.of(kMacs));
      case 1:
        return fmt::format("ether proto {:#x}", dice_.of(kEtherTypes));
      case 2:
        return fmt::format("vlan {} and {}", dice_.of(kVlans), primitive());
      case 3:
        return "vlan and " + primitive();
      case 4:
        return word({"ether broadcast", "ether multicast", "ip multicast", "ip6 multicast"});
      case 5:
        return word({"mpls", "mpls 5", "pppoed", "pppoes", "pppoes 7", "llc", "geneve"}) +
               word({"", " and ip", " and udp", " and host 10.0.0.1", " and ip6"});
      default:
        return fmt::format("vlan and vlan {} and {}", dice_.of(kVlans), primitive());
    }
  }

  std::string protocol() {
    return fmt::format("{} proto {}", word({"ip", "ip6", ""}), dice_.of(kProtocols));
  }

  std::string length() {
    return fmt::format("{} {}", word({"less", "greater"}), 30 + dice_.below(120));
  }

  std::string relation() {
    switch (dice_.below(6)) {
      case 0:
        return "tcp[tcpflags] & (" + word({"tcp-syn", "tcp-syn|tcp-ack", "tcp-rst", "tcp-push"}) +
               ") " + word({"!= 0", "== 0", "= tcp-syn"});
      case 1:
        return word({"ip[6:2] & 0x1fff = 0", "ip[0] & 0xf != 5", "ip[8] > 32", "ip6[6] = 17",
                     "icmp[icmptype] = icmp-echo", "icmp6[0] >= 128", "udp[4:2] > 20",
                     "ether[0] & 1 != 0", "tcp[((tcp[12] & 0xf0) >> 2):4] != 0"});
      default:
        return fmt::format("{} {} {}", arithmetic(3), word({">", "<", ">=", "<=", "=", "!="}),
                           arithmetic(1));
    }
  }

  // The scanner takes `len-1` for a name: so blanks around every operator.
  std::string arithmetic(int depth) {
    if (depth == 0 || dice_.one_in(3)) return operand();
    if (dice_.one_in(8)) return fmt::format("- ({})", arithmetic(depth - 1));
    if (dice_.one_in(4)) return access(arithmetic(depth - 1));
    const auto operation = word({"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"});
    return fmt::format("({} {} {})", arithmetic(depth - 1), operation, arithmetic(depth - 1));
  }

  std::string operand() {
    switch (dice_.below(5)) {
      case 0:
        return "len";
      case 1:
        return std::to_string(dice_.below(3) == 0 ? dice_.below(1ULL << 32) : dice_.below(70));
      default:
        return access(std::to_string(dice_.below(dice_.one_in(8) ? 300 : 24)));
    }
  }

  std::string access(const std::string& at) {
    return fmt::format("{}[{}{}]", word({"ether", "ip", "ip", "ip6", "tcp", "udp", "icmp", "arp"}),
                       at, word({"", ":1", ":2", ":4"}));
  }

  Dice dice_;
};

}  // namespace filter
