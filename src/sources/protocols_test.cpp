#include "sources/protocols.h"

#include <gmock/gmock.h>

#include "sources/capture.h"

namespace sources {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing_support::capture;
using testing_support::kernels_with;
using testing_support::with_damage;

TEST(Protocols, SocketsOfTheNamespaceAndMemoryOfTheHost) {
  Look look;
  parse_protocols(
      "protocol  size sockets  memory press maxhdr  slab module     cl co\n"
      "TCP       2368      3     142   no      320   yes  kernel      y  y\n"
      "UDP       1344      2      69   yes       0   yes  kernel      y  y\n"
      "RAW       1040      1      -1   NI       0   yes  kernel      y  y\n",
      "7", look);
  EXPECT_THAT(look.gauges, Contains(Pair("protocols.sockets{netns=\"7\",protocol=\"RAW\"}", 1)));
  EXPECT_THAT(look.gauges,
              Contains(Pair("protocols.memory_pages{protocol=\"TCP\",shared=\"host\"}", 142)));
  EXPECT_THAT(look.gauges,
              Contains(Pair("protocols.pressure{protocol=\"UDP\",shared=\"host\"}", 1)));
  EXPECT_THAT(look.gauges,
              Not(Contains(Key("protocols.pressure{protocol=\"RAW\",shared=\"host\"}"))));
}

TEST(Protocols, OfEveryKernelCaptured) {
  const auto kernels = kernels_with("protocols");
  ASSERT_GE(kernels.size(), 4U);
  for (const auto& kernel : kernels) {
    Look look;
    parse_protocols(capture(kernel, "protocols"), "7", look);
    // Listening on 8080, with three that wait and their three peers, is more than one socket.
    EXPECT_GT(look.gauges.at("protocols.sockets{netns=\"7\",protocol=\"TCP\"}"), 1U) << kernel;
  }
}

TEST(Protocols, DamagedTextDoesNoHarm) {
  with_damage(capture("6.18", "protocols"), 200, [](const std::string& damaged) {
    Look look;
    parse_protocols(damaged, "7", look);
  });
}

}  // namespace
}  // namespace sources
