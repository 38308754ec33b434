// One dump a group of answers. Only hardware has them, so namespaces without hardware are not
// asked. Kernels have the first since 5.13, pause frames since 5.10, error correction since 5.14.
#include "sources/ethtool_standard.h"

#include <linux/ethtool_netlink.h>

#include <array>
#include <string>
#include <vector>

#include "base/generic_netlink.h"
#include "host/ethtool.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;
using Names = std::span<const std::string_view>;

// Names of IEEE 802.3 clause 30 and RFC 2819, in the order of the attributes' numbers.
constexpr auto kPhy = std::to_array<std::string_view>({"SymbolErrorDuringCarrier"});
constexpr auto kMac = std::to_array<std::string_view>({"FramesTransmittedOK",
                                                       "SingleCollisionFrames",
                                                       "MultipleCollisionFrames",
                                                       "FramesReceivedOK",
                                                       "FrameCheckSequenceErrors",
                                                       "AlignmentErrors",
                                                       "OctetsTransmittedOK",
                                                       "FramesWithDeferredXmissions",
                                                       "LateCollisions",
                                                       "FramesAbortedDueToXSColls",
                                                       "FramesLostDueToIntMACXmitError",
                                                       "CarrierSenseErrors",
                                                       "OctetsReceivedOK",
                                                       "FramesLostDueToIntMACRcvError",
                                                       "MulticastFramesXmittedOK",
                                                       "BroadcastFramesXmittedOK",
                                                       "FramesWithExcessiveDeferral",
                                                       "MulticastFramesReceivedOK",
                                                       "BroadcastFramesReceivedOK",
                                                       "InRangeLengthErrors",
                                                       "OutOfRangeLengthField",
                                                       "FrameTooLongErrors"});
constexpr auto kControl = std::to_array<std::string_view>(
    {"MACControlFramesTransmitted", "MACControlFramesReceived", "UnsupportedOpcodesReceived"});
constexpr auto kRmon =
    std::to_array<std::string_view>({"etherStatsUndersizePkts", "etherStatsOversizePkts",
                                     "etherStatsFragments", "etherStatsJabbers"});

struct Group {
  std::string_view source;
  Names names;
};

// By ETHTOOL_STATS_ETH_PHY, …
constexpr auto kGroups = std::to_array<Group>(
    {{"eth_phy.", kPhy}, {"eth_mac.", kMac}, {"eth_ctrl.", kControl}, {"rmon.", kRmon}});

std::string labels_of(Bytes answer, int header_type, const model::Inode& netns) {
  const auto name = host::ethtool_device(answer, header_type);
  return name ? model::counter_id("", {{"dev", *name}, {"netns", netns}}) : "";
}

void tell_histogram(Bytes content, std::string_view name, const std::string& labels,
                    const model::Inode& netns, Look& look) {
  const auto low = base::plain_attribute<std::uint32_t>(content, ETHTOOL_A_STATS_GRP_HIST_BKT_LOW);
  const auto high = base::plain_attribute<std::uint32_t>(content, ETHTOOL_A_STATS_GRP_HIST_BKT_HI);
  const auto value = base::plain_attribute<std::uint64_t>(content, ETHTOOL_A_STATS_GRP_HIST_VAL);
  if (!low || !value) return;
  auto range = std::to_string(*low) + "-";
  if (high && *high != 0) range += std::to_string(*high);
  look.counters[model::counter_id(
      name, {{"bytes", range}, {"dev", model::counter_label(labels, "dev")}, {"netns", netns}})] =
      *value;
}

void tell_group(Bytes content, const std::string& labels, const model::Inode& netns, Look& look) {
  const auto id = base::plain_attribute<std::uint32_t>(content, ETHTOOL_A_STATS_GRP_ID);
  if (!id || *id >= kGroups.size()) return;
  const auto& [source, names] = kGroups[*id];
  base::for_each_attribute(content, [&](int type, Bytes inner) {
    if (type == ETHTOOL_A_STATS_GRP_HIST_RX) {
      tell_histogram(inner, "rmon.rx_frames", labels, netns, look);
    } else if (type == ETHTOOL_A_STATS_GRP_HIST_TX) {
      tell_histogram(inner, "rmon.tx_frames", labels, netns, look);
    } else if (type == ETHTOOL_A_STATS_GRP_STAT) {
      base::for_each_attribute(inner, [&](int number, Bytes value) {
        const auto count = base::read_plain<std::uint64_t>(value);
        const auto at = static_cast<std::size_t>(number);
        if (!count || at >= names.size()) return;
        look.counters[std::string(source).append(names[at]).append(labels)] = *count;
      });
    }
  });
}

// All groups, as a compact set of bits.
base::GenericRequest statistics_request() {
  constexpr std::uint32_t kAll = (1U << kGroups.size()) - 1;
  base::GenericRequest groups(0);
  groups.add_flag(ETHTOOL_A_BITSET_NOMASK);
  groups.add(ETHTOOL_A_BITSET_SIZE, static_cast<std::uint32_t>(kGroups.size()));
  groups.add(ETHTOOL_A_BITSET_VALUE, kAll);
  base::GenericRequest request(ETHTOOL_MSG_STATS_GET);
  request.add_nested(ETHTOOL_A_STATS_HEADER, host::ethtool_header(ETHTOOL_FLAG_COMPACT_BITSETS));
  request.add_nested(ETHTOOL_A_STATS_GROUPS, groups);
  return request;
}

// What a kernel does not know it refuses: then there is nothing to tell.
void tell_dump(const Access& access, const base::GenericFamily& family,
               const base::GenericRequest& request,
               void (*parse)(Bytes, const model::Inode&, Look&), Look& look) {
  const auto answers = base::generic_dump(access.netlink, family, request);
  if (!answers) return;
  for (const auto& answer : *answers) parse(answer, access.netns, look);
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || access.hardware.empty()) return;
  const auto family = base::find_generic_family(access.netlink, ETHTOOL_GENL_NAME);
  if (!family) return;  // before 5.6
  const auto header = host::ethtool_header(ETHTOOL_FLAG_STATS);
  tell_dump(access, *family, statistics_request(), parse_standard_statistics, look);
  tell_dump(access, *family,
            base::GenericRequest(ETHTOOL_MSG_PAUSE_GET).add_nested(ETHTOOL_A_PAUSE_HEADER, header),
            parse_pause_statistics, look);
  tell_dump(access, *family,
            base::GenericRequest(ETHTOOL_MSG_FEC_GET).add_nested(ETHTOOL_A_FEC_HEADER, header),
            parse_fec_statistics, look);
}

}  // namespace

void parse_standard_statistics(Bytes answer, const model::Inode& netns, Look& look) {
  const auto labels = labels_of(answer, ETHTOOL_A_STATS_HEADER, netns);
  if (labels.empty()) return;
  base::for_each_attribute(answer, [&](int type, Bytes content) {
    if (type == ETHTOOL_A_STATS_GRP) tell_group(content, labels, netns, look);
  });
}

void parse_pause_statistics(Bytes answer, const model::Inode& netns, Look& look) {
  const auto labels = labels_of(answer, ETHTOOL_A_PAUSE_HEADER, netns);
  const auto statistics = base::attribute(answer, ETHTOOL_A_PAUSE_STATS);
  if (labels.empty() || !statistics) return;
  const auto tell = [&](int type, std::string_view name) {
    const auto value = base::plain_attribute<std::uint64_t>(*statistics, type);
    if (value) look.counters[std::string(name).append(labels)] = *value;
  };
  tell(ETHTOOL_A_PAUSE_STAT_TX_FRAMES, "pause.tx_pause_frames");
  tell(ETHTOOL_A_PAUSE_STAT_RX_FRAMES, "pause.rx_pause_frames");
}

void parse_fec_statistics(Bytes answer, const model::Inode& netns, Look& look) {
  const auto labels = labels_of(answer, ETHTOOL_A_FEC_HEADER, netns);
  const auto statistics = base::attribute(answer, ETHTOOL_A_FEC_STATS);
  if (labels.empty() || !statistics) return;
  // An array of numbers: the sum, then one for each lane.
  const auto tell = [&](int type, std::string_view name) {
    const auto value = base::plain_attribute<std::uint64_t>(*statistics, type);
    if (value) look.counters[std::string(name).append(labels)] = *value;
  };
  tell(ETHTOOL_A_FEC_STAT_CORRECTED, "fec.corrected_blocks");
  tell(ETHTOOL_A_FEC_STAT_UNCORR, "fec.uncorrectable_blocks");
  tell(ETHTOOL_A_FEC_STAT_CORR_BITS, "fec.corrected_bits");
}

extern const Source ethtool_standard;
const Source ethtool_standard = {.name = "ethtool_standard",
                                 .scope = Scope::kNetns,
                                 .cadence = Cadence::kBothEnds,
                                 .read = read};

}  // namespace sources
