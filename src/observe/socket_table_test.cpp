#include "observe/socket_table.h"

#include <gtest/gtest.h>

namespace observe {
namespace {

model::Socket udp(std::uint64_t cookie, std::uint64_t drops, std::uint64_t queued = 0) {
  model::Socket socket;
  socket.netns = "1";
  socket.protocol = "udp";
  socket.inode = 100 + cookie;
  socket.cookie = cookie;
  socket.drops = drops;
  socket.receive_memory = queued;
  return socket;
}

TEST(SocketTable, RemembersTheDropsAtTheStart) {
  SocketTable table;
  table.start({udp(1, 50)});
  table.finish({udp(1, 70)});
  const auto rows = table.rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].drops_at_start, 50U);
  EXPECT_EQ(rows[0].drops, 70U);
  EXPECT_FALSE(rows[0].vanished);
}

TEST(SocketTable, ASocketThatWasBornInsideHasNoDropsAtTheStart) {
  SocketTable table;
  table.start({});
  table.finish({udp(2, 7)});
  EXPECT_FALSE(table.rows().at(0).drops_at_start.has_value());
}

TEST(SocketTable, ASocketThatWasClosedKeepsItsLastNumbers) {
  SocketTable table;
  table.start({udp(1, 0)});
  table.update({udp(1, 30), udp(2, 4)}, "1", "udp");
  table.finish({});
  const auto rows = table.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows[0].vanished);
  EXPECT_EQ(rows[0].drops, 30U);
  EXPECT_EQ(rows[1].drops, 4U);
}

TEST(SocketTable, WatchesOnlyTheQueuesOfSocketsThatDropped) {
  SocketTable table;
  table.start({udp(1, 10, 100), udp(2, 0, 100)});
  table.update({udp(1, 11, 4096), udp(2, 0, 4096)}, "1", "udp");
  const auto gauges = table.queue_gauges();
  ASSERT_EQ(gauges.size(), 1U);
  EXPECT_EQ(gauges.at("sockets.receive_memory{inode=\"101\",netns=\"1\"}"), 4096U);
}

model::Socket listener(std::uint64_t cookie, std::uint64_t drops, std::uint64_t waiting) {
  auto socket = udp(cookie, drops);
  socket.protocol = "tcp";
  socket.state = "listen";
  socket.receive_queue = waiting;
  return socket;
}

TEST(SocketTable, WatchesHowManyConnectionsWaitAtAListener) {
  SocketTable table;
  table.start({listener(1, 0, 0), udp(2, 0)});
  table.update({listener(1, 3, 17)}, "1", "tcp");
  const auto gauges = table.queue_gauges();
  ASSERT_EQ(gauges.size(), 1U);
  EXPECT_EQ(gauges.at("sockets.accept_queue{inode=\"101\",netns=\"1\"}"), 17U);
  EXPECT_FALSE(table.rows().at(1).vanished) << "a look at listeners says nothing of UDP sockets";
}

}  // namespace
}  // namespace observe
