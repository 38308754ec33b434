#include "sources/routes.h"

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <cerrno>

#include "sources/capture.h"

namespace sources {

extern const Source routes;

namespace {

using model::SpecialRoute;
using testing::AllOf;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace testing_support;

auto is_route(const char* type, const char* destination, const char* table, std::uint32_t metric) {
  return AllOf(Field(&SpecialRoute::type, type), Field(&SpecialRoute::destination, destination),
               Field(&SpecialRoute::table, table), Field(&SpecialRoute::metric, metric));
}

TEST(Routes, OfADumpThoseThatDropAreKept) {
  const std::string stream = capture("6.18", "rtm_getroute.bin");
  std::vector<SpecialRoute> found;
  parse_special_routes(base::netlink_messages(as_bytes(stream)), "7", found);
  EXPECT_THAT(found,
              UnorderedElementsAre(is_route("blackhole", "10.55.0.0/16", "main", 0),
                                   is_route("prohibit", "10.56.0.0/16", "100", 50),
                                   is_route("unreachable", "0.0.0.0/0", "default", 4278198272),
                                   is_route("blackhole", "fd55::/64", "main", 1024),
                                   is_route("prohibit", "fd56::/64", "100", 1024),
                                   is_route("unreachable", "::/0", "main", 9999)));
}

TEST(Routes, AnAnswerTellsTypeDeviceAndGateway) {
  const auto answer = [](const std::string& file) {
    const std::string stream = capture("6.18", file);
    model::RouteLookup lookup;
    const auto messages = base::netlink_messages(as_bytes(stream));
    EXPECT_THAT(messages, SizeIs(1));
    EXPECT_TRUE(parse_route_answer(messages.at(0), lookup));
    return lookup;
  };
  const auto four = answer("rtm_getroute_one4.bin");
  EXPECT_EQ(four.type, "unicast");
  EXPECT_EQ(four.gateway, "10.0.0.2");
  EXPECT_NE(four.ifindex, 0U);
  const auto six = answer("rtm_getroute_one6.bin");
  EXPECT_EQ(six.type, "unicast");
  EXPECT_EQ(six.gateway, "fd00::2");
  EXPECT_EQ(six.ifindex, four.ifindex);
}

TEST(Routes, DamagedMessagesAreReadWithoutHarm) {
  with_damage(capture("6.18", "rtm_getroute.bin"), 3000, [](const std::string& stream) {
    std::vector<SpecialRoute> found;
    const auto messages = base::netlink_messages(as_bytes(stream));
    parse_special_routes(messages, "7", found);
    for (const auto& message : messages) {
      model::RouteLookup lookup;
      parse_route_answer(message, lookup);
    }
    for (const auto& route : found) EXPECT_FALSE(route.destination.empty());
  });
}

// What the source asked, and an answer of our own.
class Kernel : public base::Netlink {
 public:
  struct Request {
    std::uint16_t flags;
    std::vector<std::byte> payload;
  };
  base::Status request(
      int /*family*/, std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
      const std::function<void(const base::NetlinkMessage&)>& take) const override {
    EXPECT_EQ(type, RTM_GETROUTE);
    asked.push_back({flags, {payload.begin(), payload.end()}});
    if (asked.size() <= failures.size() && failures[asked.size() - 1] != 0) {
      return base::system_failure("ask", failures[asked.size() - 1]);
    }
    for (const auto& message : answers) take(message);
    return {};
  }
  mutable std::vector<Request> asked;
  std::vector<int> failures;
  std::vector<base::NetlinkMessage> answers;
};

model::Question question(std::string source, std::string destination, std::uint32_t from) {
  return {.kind = model::Question::Kind::kRoutes,
          .netns = "7",
          .route = {std::move(source), std::move(destination), from}};
}

Look look_at(const Kernel& kernel, const model::Question& asked,
             const base::Files& files = base::MemoryFiles()) {
  Look look;
  routes.read({.files = files, .netlink = kernel, .netns = "7", .question = &asked}, look);
  return look;
}

TEST(Routes, ARefusalIsKeptByTheNameOfItsError) {
  Kernel kernel;
  kernel.failures = {ENETUNREACH};
  const auto look = look_at(kernel, question("10.0.0.9", "10.55.1.1", 3));
  ASSERT_THAT(look.route_lookups, SizeIs(1));
  EXPECT_EQ(look.route_lookups[0].error, "ENETUNREACH");
  EXPECT_EQ(look.route_lookups[0].from_ifindex, 3U);
  EXPECT_THAT(kernel.asked, SizeIs(1));
}

TEST(Routes, TheWayOutIsAskedAgainWithoutASourceThatIsNotOurs) {
  Kernel kernel;
  kernel.failures = {EINVAL, 0};
  const std::string stream = capture("6.18", "rtm_getroute_one4.bin");
  kernel.answers = base::netlink_messages(as_bytes(stream));
  const auto look = look_at(kernel, question("10.55.1.1", "10.0.0.9", 0));
  ASSERT_THAT(kernel.asked, SizeIs(2));
  EXPECT_EQ(base::read_plain<rtmsg>(kernel.asked[0].payload)->rtm_src_len, 32);
  EXPECT_EQ(base::read_plain<rtmsg>(kernel.asked[1].payload)->rtm_src_len, 0);
  ASSERT_THAT(look.route_lookups, SizeIs(1));
  EXPECT_EQ(look.route_lookups[0].error, "");
  EXPECT_EQ(look.route_lookups[0].gateway, "10.0.0.2");
  EXPECT_EQ(look.route_lookups[0].source, "10.55.1.1");  // as it was asked
}

TEST(Routes, WhatIsNoPairOfAddressesIsNotAsked) {
  const Kernel kernel;
  EXPECT_THAT(look_at(kernel, question("fd00::1", "10.55.1.1", 3)).route_lookups, IsEmpty());
  EXPECT_THAT(look_at(kernel, question("10.0.0.9", "somewhere", 3)).route_lookups, IsEmpty());
  EXPECT_THAT(kernel.asked, IsEmpty());
}

TEST(Routes, WithoutADestinationTheKernelIsAskedForEachDroppingType) {
  const Kernel kernel;
  look_at(kernel, question("", "", 0));
  std::vector<std::pair<int, int>> wanted;
  for (const auto& request : kernel.asked) {
    EXPECT_EQ(request.flags, NLM_F_DUMP);
    const auto header = base::read_plain<rtmsg>(request.payload);
    ASSERT_TRUE(header);
    wanted.emplace_back(header->rtm_family, header->rtm_type);
  }
  EXPECT_THAT(wanted, UnorderedElementsAre(
                          std::pair(AF_INET, RTN_BLACKHOLE), std::pair(AF_INET, RTN_PROHIBIT),
                          std::pair(AF_INET, RTN_UNREACHABLE), std::pair(AF_INET6, RTN_BLACKHOLE),
                          std::pair(AF_INET6, RTN_PROHIBIT), std::pair(AF_INET6, RTN_UNREACHABLE)));
}

TEST(Routes, SettingsOfEachDeviceAreTold) {
  class Sysctl : public base::MemoryFiles {
   public:
    [[nodiscard]] base::Result<std::vector<std::string>> list(
        const std::string& path) const override {
      if (path == "/proc/sys/net/ipv4/conf") return std::vector<std::string>{"all", "eth0.7"};
      if (path == "/proc/sys/net/ipv6/conf") return std::vector<std::string>{"all"};
      return base::failure("list " + path);
    }
  } files;
  files.put("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
  files.put("/proc/sys/net/ipv4/conf/eth0.7/rp_filter", "2\n");
  files.put("/proc/sys/net/ipv6/conf/all/forwarding", "0\n");
  const auto look = look_at(Kernel(), question("", "", 0), files);
  EXPECT_THAT(look.settings, SizeIs(3));
  EXPECT_EQ(look.settings.at("sysctl.net.ipv4.conf.rp_filter{dev=\"all\",netns=\"7\"}"), "1");
  EXPECT_EQ(look.settings.at("sysctl.net.ipv4.conf.rp_filter{dev=\"eth0.7\",netns=\"7\"}"), "2");
  EXPECT_EQ(look.settings.at("sysctl.net.ipv6.conf.forwarding{dev=\"all\",netns=\"7\"}"), "0");
}

TEST(Routes, ADumpThatFailsIsABlindSpot) {
  Kernel kernel;
  kernel.failures = {ENOBUFS};
  const auto look = look_at(kernel, question("", "", 0));
  EXPECT_THAT(look.blind_spots, SizeIs(1));
}

TEST(ErrnoName, IsTheKernels) {
  EXPECT_EQ(errno_name(EHOSTUNREACH), "EHOSTUNREACH");
  EXPECT_EQ(errno_name(99999), "99999");
}

}  // namespace
}  // namespace sources
