#include "sources/path_programs.h"

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>

#include "sources/capture.h"

namespace sources {

extern const Source path_programs;

namespace {

using model::PathProgram;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;

// The captured namespace: p0 has a generic XDP program, p2 (peer p3) a native one; p1 has clsact
// with two u32 filters and a BPF one on the way in, and a tcx program on the way out; p3 has the
// ingress qdisc with one u32 filter that redirects.
constexpr std::uint32_t kP1 = 2;
constexpr std::uint32_t kP0 = 3;
constexpr std::uint32_t kP3 = 4;
constexpr std::uint32_t kP2 = 5;
constexpr std::uint32_t kGenericId = 8460;
constexpr std::uint32_t kNativeId = 8467;
constexpr std::uint32_t kTcxId = 9000;  // asked by the system call, so not in a capture

constexpr std::uint32_t kIngressParent = 0xfffffff2;
constexpr std::uint32_t kEgressParent = 0xfffffff3;

void put_filters(base::MemoryNetlink& netlink, std::uint32_t ifindex, std::uint32_t parent,
                 const std::string& file) {
  tcmsg request{};
  request.tcm_ifindex = static_cast<int>(ifindex);
  request.tcm_parent = parent;
  const std::string stream = capture("6.18", file);
  netlink.put(NETLINK_ROUTE, RTM_GETTFILTER, std::as_bytes(std::span(&request, 1)),
              base::netlink_messages(as_bytes(stream)));
}

base::MemoryNetlink captured() {
  base::MemoryNetlink netlink;
  const std::string links = capture("6.18", "programs_getlink.bin");
  const std::string qdiscs = capture("6.18", "programs_getqdisc.bin");
  netlink.put_capture(NETLINK_ROUTE, RTM_GETLINK, as_bytes(links));
  netlink.put_capture(NETLINK_ROUTE, RTM_GETQDISC, as_bytes(qdiscs));
  put_filters(netlink, kP1, kIngressParent, "programs_getfilter_p1_ingress.bin");
  put_filters(netlink, kP1, kEgressParent, "programs_getfilter_p1_egress.bin");
  put_filters(netlink, kP3, kIngressParent, "programs_getfilter_p3_ingress.bin");
  return netlink;
}

base::Result<std::vector<std::uint32_t>> tcx_of(std::uint32_t ifindex, host::TcxHook hook) {
  if (ifindex != kP1 || hook != host::TcxHook::kEgress) return std::vector<std::uint32_t>{};
  return std::vector<std::uint32_t>{kTcxId};
}

base::Result<host::BpfProgram> program_of(std::uint32_t id) {
  return host::BpfProgram{.name = "p" + std::to_string(id), .tag = "0123456789abcdef"};
}

const BpfQuestions kAllowed = {.program = program_of, .tcx = tcx_of};

Look look_at(const base::Netlink& netlink, const BpfQuestions& bpf) {
  const base::MemoryFiles files;
  Look look;
  read_path_programs({.files = files, .netlink = netlink, .netns = "7"}, bpf, look);
  return look;
}

// "IFINDEX HOOK KIND ID NAME ATTACHMENT"
std::vector<std::string> texts(const std::vector<PathProgram>& programs) {
  std::vector<std::string> lines;
  for (const auto& one : programs) {
    EXPECT_EQ(one.netns, "7");
    lines.push_back(std::to_string(one.ifindex) + ' ' + one.hook + ' ' + one.kind + ' ' +
                    std::to_string(one.id) + ' ' + one.name + ' ' + one.attachment);
  }
  return lines;
}

TEST(PathPrograms, TellsXdpFiltersAndTcxOfEveryDevice) {
  const auto netlink = captured();
  const Look look = look_at(netlink, kAllowed);
  EXPECT_THAT(look.blind_spots, IsEmpty());
  EXPECT_THAT(texts(look.path_programs),
              ElementsAre("3 xdp-generic bpf 8460 p8460 ", "5 xdp-native bpf 8467 p8467 ",
                          "2 tc-ingress u32 0  pref 20 handle 800::800",
                          "2 tc-ingress u32 0  pref 30 handle 801::800 action mirred",
                          "2 tc-ingress bpf 8473 p8473 pref 49152 handle 0x1",
                          "4 tc-ingress u32 0  pref 7 handle 800::800 action mirred",
                          "2 tc-egress bpf 9000 p9000 tcx 1 of 1"));
}

TEST(PathPrograms, WithoutTheRightToNameAProgramItsIdIsToldAndABlindSpotOnce) {
  const auto netlink = captured();
  const auto refuse = [](std::uint32_t) -> base::Result<host::BpfProgram> {
    return base::system_failure("look at BPF program", EPERM, "needs CAP_SYS_ADMIN");
  };
  const Look look = look_at(netlink, {.program = refuse, .tcx = tcx_of});
  ASSERT_THAT(look.path_programs, SizeIs(7));
  EXPECT_EQ(look.path_programs[0].id, kGenericId);
  EXPECT_EQ(look.path_programs[0].name, "");
  // A filter says what it was called when it was attached, and its tag.
  EXPECT_EQ(look.path_programs[4].name, "lab_tc_drop:[8473]");
  EXPECT_EQ(look.path_programs[4].tag, "52278ed7205a6721");
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].enable, "needs CAP_SYS_ADMIN");
}

TEST(PathPrograms, AProgramThatIsGoneIsNoBlindSpot) {
  const auto netlink = captured();
  const auto gone = [](std::uint32_t) -> base::Result<host::BpfProgram> {
    return base::system_failure("look at BPF program", ENOENT);
  };
  const Look look = look_at(netlink, {.program = gone, .tcx = tcx_of});
  EXPECT_THAT(look.path_programs, SizeIs(7));
  EXPECT_THAT(look.blind_spots, IsEmpty());
}

TEST(PathPrograms, TcxThatMayNotBeListedIsOneBlindSpotAndHidesNothingElse) {
  const auto netlink = captured();
  const auto refuse = [](std::uint32_t, host::TcxHook) -> base::Result<std::vector<std::uint32_t>> {
    return base::system_failure("list the tcx programs of a device", EPERM);
  };
  const Look look = look_at(netlink, {.program = program_of, .tcx = refuse});
  EXPECT_THAT(look.path_programs, SizeIs(6));
  ASSERT_THAT(look.blind_spots, SizeIs(1));
  EXPECT_EQ(look.blind_spots[0].what, "tcx programs");
}

TEST(PathPrograms, WhatNetlinkRefusesIsABlindSpot) {
  base::MemoryNetlink netlink;
  netlink.put_failure(NETLINK_ROUTE, RTM_GETLINK, {"list devices: refused", "", EPERM});
  const Look look = look_at(netlink, kAllowed);
  EXPECT_THAT(look.path_programs, IsEmpty());
  EXPECT_THAT(look.blind_spots, SizeIs(1));
}

// The ingress qdisc would list its filters under egress as well.
TEST(ParseHooks, ClsactHasTwoSidesIngressOne) {
  const std::string stream = capture("6.18", "programs_getqdisc.bin");
  EXPECT_THAT(parse_hooks(base::netlink_messages(as_bytes(stream))),
              ElementsAre(FilterHook{kP1, kIngressParent, "tc-ingress"},
                          FilterHook{kP1, kEgressParent, "tc-egress"},
                          FilterHook{kP3, kIngressParent, "tc-ingress"}));
}

TEST(ParseXdp, TellsTheModeOfEachProgram) {
  const std::string stream = capture("6.18", "programs_getlink.bin");
  const auto programs = parse_xdp(base::netlink_messages(as_bytes(stream)), "7");
  ASSERT_THAT(programs, SizeIs(2));
  EXPECT_EQ(programs[0].ifindex, kP0);
  EXPECT_EQ(programs[1].ifindex, kP2);
  EXPECT_EQ(programs[1].id, kNativeId);
}

// The kernel of the captures has no act_gact: a u32 filter with a plain verdict, made by hand.
base::NetlinkMessage u32_with_verdict(int verdict) {
  base::NetlinkMessage message{.type = RTM_NEWTFILTER};
  auto& out = message.payload;
  const auto append = [&](const void* bytes, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(bytes);
    out.insert(out.end(), from, from + size);
  };
  const auto open = [&](std::uint16_t type) {
    const rtattr attribute{.rta_len = 0, .rta_type = type};
    append(&attribute, sizeof attribute);
    return out.size() - sizeof attribute;
  };
  const auto close = [&](std::size_t at) {
    const auto size = static_cast<std::uint16_t>(out.size() - at);
    std::memcpy(&out[at], &size, sizeof size);
    out.resize(RTA_ALIGN(out.size()));
  };
  tcmsg header{};
  header.tcm_handle = 0x80000800;
  header.tcm_info = 10U << 16;
  append(&header, sizeof header);
  const auto kind = open(TCA_KIND);
  append("u32", 4);
  close(kind);
  const auto options = open(TCA_OPTIONS);
  const auto actions = open(TCA_U32_ACT);
  const auto first = open(1);
  const auto action_kind = open(TCA_ACT_KIND);
  append("gact", 5);
  close(action_kind);
  const auto action_options = open(TCA_ACT_OPTIONS);
  const auto parameters = open(TCA_GACT_PARMS);
  tc_gact gact{};
  gact.action = verdict;
  append(&gact, sizeof gact);
  for (const auto at : {parameters, action_options, first, actions, options}) close(at);
  return message;
}

TEST(ParseFilters, APlainVerdictIsSpelledOut) {
  const auto attachment = [](int verdict) {
    const auto message = u32_with_verdict(verdict);
    const auto filters =
        parse_filters(std::span(&message, 1), {kP1, kIngressParent, "tc-ingress"}, "7");
    return filters.empty() ? "" : filters[0].attachment;
  };
  EXPECT_EQ(attachment(TC_ACT_SHOT), "pref 10 handle 800::800 action drop");
  EXPECT_EQ(attachment(TC_ACT_OK), "pref 10 handle 800::800 action pass");
  EXPECT_EQ(attachment(TC_ACT_PIPE), "pref 10 handle 800::800 action gact");
}

TEST(PathPrograms, DamagedMessagesAreReadWithoutHarm) {
  with_damage(capture("6.18", "programs_getfilter_p1_ingress.bin"), 3000,
              [&](const std::string& stream) {
                const auto messages = base::netlink_messages(as_bytes(stream));
                for (const auto& one : parse_filters(messages, {kP1, 0, "tc-ingress"}, "7")) {
                  EXPECT_EQ(one.ifindex, kP1);
                }
              });
  with_damage(capture("6.18", "programs_getlink.bin"), 2000, [&](const std::string& stream) {
    for (const auto& one : parse_xdp(base::netlink_messages(as_bytes(stream)), "7")) {
      EXPECT_NE(one.id, 0U);
    }
  });
}

}  // namespace
}  // namespace sources
