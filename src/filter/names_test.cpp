#include "filter/names.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "base/text.h"

namespace filter {
namespace {

TEST(Names, EveryServiceHasOneRow) {
  const auto names = service_names();
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
  for (const auto name : names) {
    const auto service = service_of(name);
    ASSERT_TRUE(service) << name;
    EXPECT_TRUE(service->tcp || service->udp) << name;
    EXPECT_GT(service->port, 0) << name;
  }
}

// A second witness, where the machine has one.
TEST(Names, ServicesAreThoseOfTheSystem) {
  std::ifstream file("/etc/services");
  if (!file) GTEST_SKIP() << "no /etc/services";
  std::set<std::string> known;
  std::set<std::string> listed;
  for (std::string line; std::getline(file, line);) {
    const auto words = base::words(line);
    if (words.size() < 2 || words[0].starts_with('#')) continue;
    known.emplace(words[0]);
    listed.insert(std::string(words[0]) + " " + std::string(words[1]));
  }
  int compared = 0;
  for (const auto name : service_names()) {
    if (!known.contains(std::string(name))) continue;
    const auto service = *service_of(name);
    const auto row = std::string(name) + " " + std::to_string(service.port);
    EXPECT_EQ(listed.contains(row + "/tcp"), service.tcp) << row;
    EXPECT_EQ(listed.contains(row + "/udp"), service.udp) << row;
    ++compared;
  }
  EXPECT_GT(compared, known.size() > 200 ? 40 : 0);
}

TEST(Names, NumbersAreTheirOwnNames) {
  EXPECT_EQ(service_of("65535")->port, 65535);
  EXPECT_FALSE(service_of("65536"));
  EXPECT_FALSE(service_of("-1"));
  EXPECT_FALSE(service_of(""));
  EXPECT_FALSE(service_of("HTTP"));
}

TEST(Names, ProtocolsOfEachLayer) {
  EXPECT_EQ(ip_protocol("udp"), 17);
  EXPECT_EQ(ether_type("ip6"), 0x86dd);
  EXPECT_EQ(link_control("stp"), 0x42);
  EXPECT_FALSE(ip_protocol("arp"));
}

}  // namespace
}  // namespace filter
