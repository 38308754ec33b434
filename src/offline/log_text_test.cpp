#include "offline/log_text.h"

#include <gmock/gmock.h>

namespace offline {
namespace {

TEST(LogText, MessagesOfLossWithTheirTime) {
  const auto messages = parse_dmesg(
      "[    0.000000] Linux version 6.1.0\n"
      "[  812.345678] nf_conntrack: nf_conntrack: table full, dropping packet\n"
      "[  900.5] TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:80. Dropping.\n"
      "[Mon Nov 30 19:24:00 2026] virtio_net eth0: NIC Link is Up\n"
      "[x] link down\n[  1.0]link down\nlink down\n");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].kind, "table-full");
  EXPECT_DOUBLE_EQ(messages[0].at_s, 812.345678);
  EXPECT_EQ(messages[1].kind, "syn-flood");
}

}  // namespace
}  // namespace offline
