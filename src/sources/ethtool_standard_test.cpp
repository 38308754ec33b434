// Synthetic: laid out as the kernel lays out its answers (net/ethtool/stats.c: stats_fill_reply,
// pause.c, fec.c); none of the cards that we can boot with has these counters.
#include "sources/ethtool_standard.h"

#include <gmock/gmock.h>
#include <linux/ethtool_netlink.h>

#include "base/generic_netlink.h"
#include "sources/capture.h"

namespace sources {
namespace {

using base::GenericRequest;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing_support::as_bytes;
using testing_support::with_damage;

// A request is laid out as an answer is.
GenericRequest device() {
  return GenericRequest(0)
      .add(ETHTOOL_A_HEADER_DEV_INDEX, std::uint32_t{2})
      .add_text(ETHTOOL_A_HEADER_DEV_NAME, "eth0");
}

GenericRequest statistic(std::uint16_t number, std::uint64_t value) {
  return GenericRequest(0).add(number, value);
}

std::vector<std::byte> attributes_of(const GenericRequest& answer) {
  const auto all = answer.bytes().subspan(sizeof(genlmsghdr));
  return {all.begin(), all.end()};
}

std::vector<std::byte> statistics() {
  const auto mac =
      GenericRequest(0)
          .add(ETHTOOL_A_STATS_GRP_ID, std::uint32_t{ETHTOOL_STATS_ETH_MAC})
          .add_nested(ETHTOOL_A_STATS_GRP_STAT, statistic(ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR, 7))
          .add_nested(ETHTOOL_A_STATS_GRP_STAT,
                      statistic(ETHTOOL_A_STATS_ETH_MAC_25_TOO_LONG_ERR, 1));
  const auto sizes = GenericRequest(0)
                         .add(ETHTOOL_A_STATS_GRP_HIST_BKT_LOW, std::uint32_t{65})
                         .add(ETHTOOL_A_STATS_GRP_HIST_BKT_HI, std::uint32_t{127})
                         .add(ETHTOOL_A_STATS_GRP_HIST_VAL, std::uint64_t{9});
  const auto rmon =
      GenericRequest(0)
          .add(ETHTOOL_A_STATS_GRP_ID, std::uint32_t{ETHTOOL_STATS_RMON})
          .add_nested(ETHTOOL_A_STATS_GRP_STAT, statistic(ETHTOOL_A_STATS_RMON_JABBER, 3))
          .add_nested(ETHTOOL_A_STATS_GRP_HIST_RX, sizes);
  return attributes_of(GenericRequest(0)
                           .add_nested(ETHTOOL_A_STATS_HEADER, device())
                           .add_nested(ETHTOOL_A_STATS_GRP, mac)
                           .add_nested(ETHTOOL_A_STATS_GRP, rmon));
}

TEST(StandardStatistics, UnderTheNamesOfTheStandards) {
  Look look;
  parse_standard_statistics(statistics(), "1", look);
  EXPECT_THAT(look.counters,
              ElementsAre(Pair("eth_mac.FrameCheckSequenceErrors{dev=\"eth0\",netns=\"1\"}", 7),
                          Pair("eth_mac.FrameTooLongErrors{dev=\"eth0\",netns=\"1\"}", 1),
                          Pair("rmon.etherStatsJabbers{dev=\"eth0\",netns=\"1\"}", 3),
                          Pair("rmon.rx_frames{bytes=\"65-127\",dev=\"eth0\",netns=\"1\"}", 9)));
}

TEST(StandardStatistics, OfPauseFramesAndErrorCorrection) {
  Look look;
  const auto paused = GenericRequest(0)
                          .add(ETHTOOL_A_PAUSE_STAT_TX_FRAMES, std::uint64_t{5})
                          .add(ETHTOOL_A_PAUSE_STAT_RX_FRAMES, std::uint64_t{6});
  parse_pause_statistics(attributes_of(GenericRequest(0)
                                           .add_nested(ETHTOOL_A_PAUSE_HEADER, device())
                                           .add_nested(ETHTOOL_A_PAUSE_STATS, paused)),
                         "1", look);
  const std::uint64_t lanes[] = {30, 10, 20};
  const auto corrected = GenericRequest(0).add(ETHTOOL_A_FEC_STAT_CORRECTED, lanes);
  parse_fec_statistics(attributes_of(GenericRequest(0)
                                         .add_nested(ETHTOOL_A_FEC_HEADER, device())
                                         .add_nested(ETHTOOL_A_FEC_STATS, corrected)),
                       "1", look);
  EXPECT_THAT(look.counters,
              ElementsAre(Pair("fec.corrected_blocks{dev=\"eth0\",netns=\"1\"}", 30),
                          Pair("pause.rx_pause_frames{dev=\"eth0\",netns=\"1\"}", 6),
                          Pair("pause.tx_pause_frames{dev=\"eth0\",netns=\"1\"}", 5)));
}

TEST(StandardStatistics, DamagedAnswersDoNoHarm) {
  const auto sound = statistics();
  const std::string text(reinterpret_cast<const char*>(sound.data()), sound.size());
  with_damage(text, 500, [](const std::string& damaged) {
    Look look;
    parse_standard_statistics(as_bytes(damaged), "1", look);
    parse_pause_statistics(as_bytes(damaged), "1", look);
    parse_fec_statistics(as_bytes(damaged), "1", look);
  });
  Look look;
  parse_standard_statistics({}, "1", look);
  EXPECT_THAT(look.counters, IsEmpty());
}

}  // namespace
}  // namespace sources
