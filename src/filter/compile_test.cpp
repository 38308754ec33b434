#include "filter/compile.h"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace filter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// From 10.0.0.2 port 9 to 10.0.0.1 port 5401, four bytes of data.
const std::vector<std::uint8_t> kDatagram = {
    2,  0, 0, 0,  0, 1, 2, 0,  0, 0, 0, 2, 8, 0,    0x45, 0, 0,  32, 0, 0,   0,   0,   64,
    17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 0, 9, 0x15, 0x19, 0, 12, 0,  0, 'w', 'h', 'y', '!'};

bool matches_datagram(std::string_view expression) {
  const auto program = compile(expression);
  EXPECT_TRUE(program) << expression << ": " << program.error().what;
  return program && matches(*program, kDatagram, static_cast<std::uint32_t>(kDatagram.size()));
}

TEST(Compile, AnEmptyFilterMatchesEverything) {
  EXPECT_TRUE(matches_datagram(""));
  EXPECT_TRUE(matches_datagram("  "));
  const auto program = compile("");
  ASSERT_TRUE(program);
  EXPECT_THAT(listing(*program), ElementsAre(HasSubstr("ret      #262144")));
  EXPECT_TRUE(matches(*program, {}, 0));
}

TEST(Compile, MatchesWhatTcpdumpMatches) {
  for (const char* expression :
       {"udp", "udp dst port 5401", "host 10.0.0.1 and not tcp", "net 10", "src net 10.0.0.0/30",
        "net 10.0.0.0 mask 255.255.255.0", "ether src 02:00:00:00:00:02",
        "ether dst 02-00-00-00-00-01", "ether host 0200.0000.0002", "ether host 020000000002",
        "less 46", "greater 46", "udp[8:4] = 0x77687921", "ip proto \\udp", "ether proto \\ip",
        "portrange 5400-5500"}) {
    EXPECT_TRUE(matches_datagram(expression)) << expression;
  }
  for (const char* expression : {"tcp", "udp src port 5401", "port 54", "ip6", "vlan", "arp",
                                 "ether host 02:00:00:00:00:03", "portrange 20-80", "len > 46"}) {
    EXPECT_FALSE(matches_datagram(expression)) << expression;
  }
}

TEST(Compile, ServicesAndProtocolsHaveNames) {
  const auto same = [](std::string_view by_name, std::string_view by_number) {
    const auto one = compile(by_name);
    const auto other = compile(by_number);
    EXPECT_TRUE(one) << one.error().what;
    EXPECT_TRUE(other) << other.error().what;
    return one && other && one->classic == other->classic;
  };
  EXPECT_TRUE(same("port http", "tcp port 80"));
  EXPECT_TRUE(same("port domain", "port 53"));
  EXPECT_TRUE(same("udp port bootps", "udp port 67"));
  EXPECT_TRUE(same("portrange ftp-data-ssh", "tcp portrange 20-22"));
  EXPECT_TRUE(same("ip proto \\tcp", "ip proto 6"));
  EXPECT_TRUE(same("ether proto \\arp", "ether proto 0x806"));
  EXPECT_TRUE(same("host fd00::1", "host fd00:0:0:0::1"));
}

struct Refused {
  std::string_view expression;
  const char* what;
  const char* hint;
};

TEST(Compile, SaysWhatIsWrongAndWhere) {
  for (const auto& [expression, what, hint] :
       {Refused{"udp prt 53", "syntax error at 'prt'", "pcap-filter"},
        Refused{"udp and (port 53", "syntax error at the end", "pcap-filter"},
        Refused{"ip and @ or tcp", "syntax error at '@'", "pcap-filter"},
        Refused{"host example.org", "unknown host 'example.org'", "not looked up"},
        Refused{"net loopback", "unknown network 'loopback'", "not looked up"},
        Refused{"ether host printer", "unknown ether host 'printer'", "not looked up"},
        Refused{"port doom", "unknown port 'doom'", "give the number"},
        Refused{"udp port http", "port 'http' is tcp", ""},
        Refused{"ip proto \\nothing", "unknown ip proto 'nothing'", ""},
        Refused{"host 10.0.0.256", "invalid IPv4 address '10.0.0.256'", ""},
        Refused{"ip broadcast", "netmask not known", "broadcast address"},
        Refused{"udp and tcp", "rejects all packets", "contradict"},
        Refused{"inbound", "not in the packet", "live capture"},
        Refused{"ip protochain 6", "loops", "protochain"},
        Refused{"ip[8] / 0 = 1", "division by zero", ""},
        Refused{"ip or geneve and not udp", "reads what it has not written", "'and'"},
        Refused{"ip\x1b[2J", "syntax error at 'ip\\x1b[2J'", ""}}) {
    const auto program = compile(expression);
    ASSERT_FALSE(program) << expression;
    EXPECT_THAT(program.error().what, HasSubstr("compile the filter: "));
    EXPECT_THAT(program.error().what, HasSubstr(what)) << expression;
    EXPECT_THAT(program.error().hint, HasSubstr(hint)) << expression;
  }
}

std::string repeated(int times, std::string_view text) {
  std::string made;
  for (int time = 0; time < times; ++time) made += text;
  return made;
}

TEST(Compile, TooLongAndTooDeepAreRefusedAtOnce) {
  EXPECT_FALSE(compile(std::string_view("udp\0 or ip", 10)));
  for (const auto& expression :
       {repeated(10000, "port 1 or ") + "port 2", repeated(301, "1 ") + "= len",
        "0 = " + repeated(1500, "(len + ") + "1" + repeated(1500, ")"),
        std::string(kMostExpressionBytes + 1, ' '), repeated(12000, "(")}) {
    EXPECT_FALSE(compile(expression)) << expression.substr(0, 40);
  }
  EXPECT_TRUE(compile(std::string(kMostExpressionBytes, ' ')));
  const auto nested = repeated(5000, "(") + "udp" + repeated(5000, ")");
  const auto program = compile(nested);
  ASSERT_TRUE(program) << program.error().what;
  EXPECT_EQ(program->classic, compile("udp")->classic);
  EXPECT_THAT(compile(repeated(3000, "not ") + "udp")->instructions, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace filter
