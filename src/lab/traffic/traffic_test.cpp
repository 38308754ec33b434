#include "lab/traffic/traffic.h"

#include <netinet/in.h>

#include <gtest/gtest.h>

#include "lab/traffic/udp.h"

namespace lab::traffic {
namespace {

TEST(Traffic, AddressesAreNumbers) {
  const auto four = parse_address("10.199.1.2:5001");
  ASSERT_TRUE(four);
  EXPECT_EQ(four->family(), AF_INET);
  EXPECT_EQ(ntohs(reinterpret_cast<const sockaddr_in*>(four->get())->sin_port), 5001);
  const auto six = parse_address("[fd00::2]:53");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->family(), AF_INET6);
  for (const auto* wrong : {"", "10.199.1.2", "localhost:53", "10.199.1.2:99999", "fd00::2:53x"}) {
    EXPECT_FALSE(parse_address(wrong)) << wrong;
  }
}

// Over the loopback, to a socket that nobody reads: the sender counts what it sent, whatever came
// of it.
TEST(Traffic, MoreIsSentThanASmallBufferHolds) {
  auto address = parse_address("127.0.0.1:0");
  ASSERT_TRUE(address);
  const auto socket = bound_socket(*address, SOCK_DGRAM);
  ASSERT_TRUE(socket);
  const int small = 4096;
  setsockopt(socket->get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  auto* const name = reinterpret_cast<sockaddr*>(&address->storage);
  ASSERT_EQ(getsockname(socket->get(), name, &address->length), 0);
  const auto counts = send_udp({.name = "sender"}, {.to = *address, .count = 100, .burst = 100});
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->sent, 100U);
  EXPECT_EQ(counts->errors, 0U);
  std::uint64_t queued = 0;
  char byte = 0;
  while (recv(socket->get(), &byte, 1, MSG_DONTWAIT) >= 0) ++queued;
  EXPECT_GT(queued, 0U);
  EXPECT_LT(queued, 100U);
}

TEST(Traffic, ASenderEndsAtItsLongestTime) {
  const auto address = parse_address("127.0.0.1:9");
  ASSERT_TRUE(address);
  const auto counts = send_udp({.name = "sender", .longest = std::chrono::seconds(1)},
                               {.to = *address, .count = 1'000'000, .per_second = 10});
  ASSERT_TRUE(counts);
  EXPECT_GT(counts->sent, 0U);
  EXPECT_LT(counts->sent, 1'000'000U);
}

}  // namespace
}  // namespace lab::traffic
