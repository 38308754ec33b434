#include "sources/neighbours.h"

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "sources/capture.h"

namespace sources {

extern const Source neighbours;

namespace {

using model::Neighbour;
using testing::AllOf;
using testing::Field;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace testing_support;

auto is_neighbour(const char* address, const char* state, const char* link_layer) {
  return AllOf(Field(&Neighbour::address, address), Field(&Neighbour::state, state),
               Field(&Neighbour::link_layer, link_layer));
}

TEST(Neighbours, StatesAndAddressesOfADump) {
  const std::string stream = capture("6.18", "rtm_getneigh.bin");
  std::vector<Neighbour> found;
  parse_neighbours(base::netlink_messages(as_bytes(stream)), "7", found);
  EXPECT_THAT(found,
              UnorderedElementsAre(is_neighbour("10.0.0.2", "permanent", "02:00:00:00:00:02"),
                                   is_neighbour("10.0.0.3", "failed", ""),
                                   is_neighbour("fd00::2", "stale", "02:00:00:00:00:02")));
  for (const auto& neighbour : found) EXPECT_NE(neighbour.ifindex, 0U);
}

TEST(Neighbours, TheSourceTellsHowMuchMayWait) {
  class Sysctl : public base::MemoryFiles {
   public:
    [[nodiscard]] base::Result<std::vector<std::string>> list(
        const std::string& path) const override {
      if (path == "/proc/sys/net/ipv4/neigh") return std::vector<std::string>{"eth0"};
      return base::failure("list " + path);
    }
  } files;
  files.put("/proc/sys/net/ipv4/neigh/eth0/unres_qlen_bytes", "212992\n");
  base::MemoryNetlink netlink;
  const std::string stream = capture("6.18", "rtm_getneigh.bin");
  netlink.put_capture(NETLINK_ROUTE, RTM_GETNEIGH, as_bytes(stream));
  Look look;
  neighbours.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_EQ(look.settings.at("sysctl.net.ipv4.neigh.unres_qlen_bytes{dev=\"eth0\",netns=\"7\"}"),
            "212992");
  EXPECT_THAT(look.neighbours, SizeIs(6));  // the capture answers both families
}

TEST(Neighbours, AFailureIsABlindSpot) {
  const base::MemoryFiles files;
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_ROUTE, RTM_GETNEIGH, {.what = "no", .hint = {}});
  Look look;
  neighbours.read({.files = files, .netlink = netlink, .netns = "7"}, look);
  EXPECT_THAT(look.blind_spots, SizeIs(1));
}

TEST(Neighbours, DamagedMessagesAreReadWithoutHarm) {
  with_damage(capture("6.18", "rtm_getneigh.bin"), 3000, [](const std::string& stream) {
    std::vector<Neighbour> found;
    parse_neighbours(base::netlink_messages(as_bytes(stream)), "7", found);
    for (const auto& neighbour : found) EXPECT_FALSE(neighbour.address.empty());
  });
}

}  // namespace
}  // namespace sources
