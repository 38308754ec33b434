#include "live/made_up.h"

#include <gtest/gtest.h>

#include "filter/compile.h"
#include "probes/drops/flow.h"

namespace live {
namespace {

bool is_taken_by(const char* expression, const TcpFields& fields) {
  const auto program = filter::compile(expression);
  const auto bytes = made_up_headers(fields);
  EXPECT_TRUE(program.has_value()) << expression;
  return program &&
         filter::matches(*program, bytes,
                         static_cast<std::uint32_t>(bytes.size()) + fields.payload_bytes);
}

TEST(MadeUp, AreWhatAFilterAndTheParserReadBack) {
  const TcpFields v4{.family = 4,
                     .source = "10.0.0.1",
                     .source_port = 4000,
                     .destination = "10.0.0.2",
                     .destination_port = 80,
                     .sequence = 7,
                     .flags = 0x02,
                     .payload_bytes = 1000};
  EXPECT_TRUE(is_taken_by("tcp dst port 80 and src host 10.0.0.1", v4));
  EXPECT_TRUE(is_taken_by("tcp[tcpflags] & tcp-syn != 0 and ip[2:2] = 1040", v4));
  EXPECT_FALSE(is_taken_by("udp or dst port 81 or ip6", v4));
  auto v6 = v4;
  v6.family = 6;
  v6.source = "fd00::1";
  v6.destination = "fd00::2";
  EXPECT_TRUE(is_taken_by("ip6 and tcp src port 4000 and dst host fd00::2", v6));
  const auto bytes = made_up_headers(v6);
  const auto flow = probes::drops::parse_flow(bytes, model::HeaderStart::kLink, 0);
  ASSERT_TRUE(flow);
  EXPECT_EQ(*flow, (model::Flow{"tcp", "fd00::1", 4000, "fd00::2", 80}));
}

TEST(MadeUp, AnAddressThatIsNoneGivesNothing) {
  EXPECT_TRUE(made_up_headers({.family = 4, .source = "fd00::1"}).empty());
  EXPECT_FALSE(made_up_headers({.family = 4, .source = "10.0.0.1"}).empty()) << "a listener's flow";
}

}  // namespace
}  // namespace live
