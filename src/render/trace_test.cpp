#include "render/trace.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace render {
namespace {

using testing::HasSubstr;
using testing::Not;

model::TraceEvent drop() {
  model::TraceEvent event;
  event.at_wall_ns = 1'795'000'000'123'456'789;
  event.place = {.account = "udp.receive-buffer-full",
                 .stage = model::Stage::kSocketRx,
                 .klass = model::Class::kLoss,
                 .reason = "SOCKET_RCVBUFF",
                 .meaning = "The socket's receive buffer was full.",
                 .location = "udp_queue_rcv_one_skb+0x437",
                 .netns = "7",
                 .netns_name = "web",
                 .device = "eth0",
                 .packets = 37};
  event.cpu = 3;
  event.length_bytes = 514;
  event.flow = model::Flow{"udp", "10.0.0.1", 4000, "10.0.0.2", 53};
  event.owner = model::Owner{.pid = 812, .comm = "dnsd"};
  event.stack = {"udp_queue_rcv_one_skb+0x437", "ip_rcv+0x1"};
  return event;
}

TEST(TraceLine, SaysWhenWhereWhoseWhatAndHowOften) {
  const auto line = trace_line(drop(), {}, true);
  EXPECT_EQ(
      line,
      "11:06:40.123456 ✗ socket-rx     udp 10.0.0.1:4000 > 10.0.0.2:53 · The socket's receive "
      "buffer was full · dnsd (pid 812) · ×37 · SOCKET_RCVBUFF at "
      "udp_queue_rcv_one_skb+0x437 · eth0 in web · 514 bytes · CPU 3\n");
  const auto folded_line = trace_line(drop(), {}, false);
  EXPECT_EQ(std::ranges::count(folded_line, '\n'), 2);
}

TEST(TraceLine, WhatIsNotKnownIsLeftOut) {
  auto event = drop();
  event.flow = {};
  event.owner = {};
  event.place.packets = 1;
  event.place.device = event.place.netns_name = event.place.reason = "";
  const auto line = trace_line(event, {}, true);
  EXPECT_THAT(line, Not(HasSubstr("×")));
  EXPECT_THAT(line, HasSubstr("· at udp_queue_rcv_one_skb+0x437 · 514 bytes"));
}

TEST(TraceLine, NamesFromOutsideAreMadeHarmless) {
  auto event = drop();
  event.owner->comm = "\x1b[31mred";
  event.place.device = "eth0\n";
  const auto line = trace_line(event, {}, true);
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
}

model::TraceSummary summary() {
  auto place = drop().place;
  place.packets = 300;
  place.by_cpu = {100, 0, 200};
  auto other = place;
  other.device = "eth1";
  other.packets = 100;
  other.by_cpu = {100};
  model::TraceSummary sums{.duration_ns = 2'000'000'000,
                           .rung = "tp_btf",
                           .packets = 400,
                           .places = {place, other},
                           .noise = 5};
  sums.flows = {{.what = {"udp", "10.0.0.1", "4000", "10.0.0.2", "53"},
                 .netns = "7",
                 .netns_name = "web",
                 .packets = 390,
                 .error = 12}};
  sums.stacks = {{.what = {"inner+0x1", "outer;x+0x2"}, .packets = 400}};
  return sums;
}

TEST(TraceTables, AddUp) {
  const auto text = trace_tables(summary(), {}, true);
  EXPECT_THAT(text, HasSubstr("400 packets dropped at 2 places in 2.0 s; 5 of normal noise"));
  EXPECT_THAT(text, HasSubstr("         300  75.0 %  ✗ udp.receive-buffer-full"));
  EXPECT_THAT(text, HasSubstr("         400 100.0 %  SOCKET_RCVBUFF"));
  EXPECT_THAT(text, HasSubstr("         200  50.0 %  CPU 0"));
  EXPECT_THAT(text, HasSubstr("         200  50.0 %  CPU 2"));
  EXPECT_THAT(text, HasSubstr("390 ± 12  97.5 %  udp 10.0.0.1:4000 > 10.0.0.2:53 in web"));
  EXPECT_THAT(text, HasSubstr("inner+0x1 ‹ outer;x+0x2"));
  EXPECT_THAT(trace_tables(summary(), {}, false), Not(HasSubstr("inner")));
}

TEST(TraceTables, FoldedStacksBeginOutside) {
  EXPECT_EQ(folded(summary()), "outer:x;inner 400\n");
}

TEST(TraceJson, OneLineEachWithNullForWhatIsNotKnown) {
  const auto line = json(drop());
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_THAT(line, HasSubstr(R"("schema":"whydrop.event/1","event":"drop")"));
  EXPECT_THAT(line, HasSubstr(R"("flow":["udp","10.0.0.1",4000,"10.0.0.2",53])"));
  EXPECT_THAT(json(model::TraceEvent()), HasSubstr(R"("flow":null,"owner":null)"));
  EXPECT_THAT(json(summary()), HasSubstr(R"("event":"summary")"));
}

}  // namespace
}  // namespace render
