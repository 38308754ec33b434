#include "formats/redact.h"

#include <gtest/gtest.h>

namespace formats {
namespace {

constexpr std::uint64_t kKey = 42;

// Leading bits that two dotted addresses share.
int shared_bits(const std::string& one, const std::string& other) {
  const auto number = [](const std::string& text) {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    EXPECT_EQ(sscanf(text.c_str(), "%u.%u.%u.%u", &a, &b, &c, &d), 4) << text;
    return a << 24 | b << 16 | c << 8 | d;
  };
  const unsigned difference = number(one) ^ number(other);
  return difference == 0 ? 32 : __builtin_clz(difference);
}

TEST(Redact, AddressesKeepExactlyTheirSharedPrefix) {
  const auto a = redacted_address("10.1.2.3", kKey);
  EXPECT_NE(a, "10.1.2.3");
  EXPECT_EQ(a, redacted_address("10.1.2.3", kKey));
  EXPECT_EQ(shared_bits(a, redacted_address("10.1.2.200", kKey)), 24);
  EXPECT_EQ(shared_bits(a, redacted_address("10.1.130.3", kKey)), 16);
  EXPECT_NE(a, redacted_address("10.1.2.3", kKey + 1));
}

TEST(Redact, LoopbackAndAnyStay) {
  EXPECT_EQ(redacted_address("127.0.0.1", kKey), "127.0.0.1");
  EXPECT_EQ(redacted_address("::", kKey), "::");
  EXPECT_NE(redacted_address("2001:db8::1", kKey), "2001:db8::1");
}

TEST(Redact, NoNameOfTheHostIsLeft) {
  model::Evidence evidence;
  evidence.host.name = "secret-host";
  evidence.netns = {{.id = "1",
                     .name = "secret-ns",
                     .enter_path = "/run/netns/secret-ns",
                     .container = "secret-pod"},
                    {.id = "2", .name = "pid:42", .enter_path = "/proc/42/ns/net"}};
  evidence.grant.command = "setcap cap_bpf+ep /home/secret/whydrop";
  model::Socket socket;
  socket.local = "192.0.2.7";
  socket.owner = {.pid = 1, .comm = "secret-app", .cgroup = "/secret"};
  evidence.sockets = {socket, socket};
  model::DropSample sample;
  sample.headers_hex = "450000";
  sample.flow = model::Flow{"udp", "192.0.2.9", 1, "192.0.2.7", 53};
  evidence.drops.samples = {sample};
  const auto safe = redacted(evidence, kKey);
  EXPECT_EQ(safe.host.name.find("secret"), std::string::npos);
  EXPECT_EQ(safe.netns[0].name.find("secret"), std::string::npos);
  EXPECT_EQ(safe.netns[0].enter_path, "/run/netns/" + safe.netns[0].name);
  EXPECT_EQ(safe.netns[0].container->find("secret"), std::string::npos);
  EXPECT_EQ(safe.netns[1].name, "pid:42") << "it stands for the command that enters it";
  EXPECT_EQ(safe.grant.command, "setcap cap_bpf+ep whydrop");
  EXPECT_EQ(safe.sockets[0].owner->comm.find("secret"), std::string::npos);
  EXPECT_EQ(safe.sockets[0].owner->comm, safe.sockets[1].owner->comm);
  EXPECT_EQ(safe.sockets[0].local, safe.drops.samples[0].flow->destination);
  EXPECT_NE(safe.sockets[0].local, "192.0.2.7");
  EXPECT_EQ(safe.drops.samples[0].headers_hex, "");
}

}  // namespace
}  // namespace formats
