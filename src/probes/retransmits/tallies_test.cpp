// The rows here are made by hand: what the kernel half would hold.
#include "probes/retransmits/tallies.h"

#include <gmock/gmock.h>

#include <array>
#include <string>
#include <vector>

namespace probes::retransmits {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using enum model::RetransmissionKind;

constexpr std::chrono::nanoseconds kStart = milliseconds(50'000);
constexpr std::uint32_t kHome = 4026531840;
constexpr std::uint32_t kHertz = 250;

wire::RetransmitKey key(std::uint64_t identity, std::uint16_t remote_port = 443) {
  return {.identity = identity, .netns = kHome, .local_port = 40000, .remote_port = remote_port};
}

// 10.0.0.1 to 10.0.0.9, seen first 100 ms after the start.
wire::RetransmitFlow flow(std::uint64_t fast_segments) {
  wire::RetransmitFlow flow{};
  flow.segments[wire::kRetransmitFast] = fast_segments;
  flow.events = fast_segments;
  flow.socket = 0xffff888100000000;
  flow.cookie = 77;
  flow.first_ns = static_cast<std::uint64_t>((kStart + milliseconds(100)).count());
  flow.last_ns = static_cast<std::uint64_t>((kStart + milliseconds(300)).count());
  flow.total = static_cast<std::uint32_t>(fast_segments);
  flow.family = 2;
  flow.anchored = 1;
  const std::array<__u8, 4> local = {10, 0, 0, 1};
  const std::array<__u8, 4> remote = {10, 0, 0, 9};
  std::ranges::copy(local, flow.ends.local);
  std::ranges::copy(remote, flow.ends.remote);
  return flow;
}

wire::RetransmitSample sample(std::uint64_t identity, milliseconds at) {
  wire::RetransmitSample sample{};
  sample.head.time_ns = static_cast<std::uint64_t>((kStart + at).count());
  sample.head.identity = identity;
  sample.head.netns = kHome;
  sample.head.local_port = 40000;
  sample.head.remote_port = 443;
  sample.head.family = 2;
  sample.head.state = 1;
  sample.kind = wire::kRetransmitFast;
  sample.congestion_state = 3;
  sample.rto_jiffies = 51;
  return sample;
}

Reading reading_of(std::vector<FlowRow> flows) {
  Reading reading;
  for (const auto& [key, flow] : flows) {
    for (const std::uint64_t segments : flow.segments) reading.books.segments += segments;
  }
  reading.flows = std::move(flows);
  return reading;
}

Names all_known() {
  return {.symbols = nullptr, .reset_reasons = nullptr, .known_netns = [](const auto&) {
            return true;
          }};
}

std::uint64_t segments(const model::RetransmittingFlow& flow, model::RetransmissionKind kind) {
  return flow.segments[static_cast<std::size_t>(kind)];
}

TEST(RetransmitTallies, AFlowIsToldWithItsEnds) {
  Tallies tallies;
  tallies.start({}, kStart);
  tallies.read(reading_of({{key(7), flow(5)}}));
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_TRUE(result.traced);
  ASSERT_THAT(result.flows, SizeIs(1));
  const auto& told = result.flows[0];
  EXPECT_EQ(told.netns, "4026531840");
  EXPECT_EQ(told.local, "10.0.0.1");
  EXPECT_EQ(told.local_port, 40000);
  EXPECT_EQ(told.remote, "10.0.0.9");
  EXPECT_EQ(told.remote_port, 443);
  EXPECT_EQ(told.cookie, 77U);
  EXPECT_EQ(segments(told, kFast), 5U);
  EXPECT_EQ(segments_of(told), 5U);
  EXPECT_EQ(told.first_ns, 100'000'000);
  EXPECT_EQ(told.last_ns, 300'000'000);
  EXPECT_FALSE(told.closed);
}

TEST(RetransmitTallies, WhatWasCountedBeforeTheStartIsNotOfTheWindow) {
  Tallies tallies;
  auto old = flow(5);
  old.dsacks_at_first = 1;
  old.dsacks = 4;
  const auto silent = flow(9);
  tallies.start(reading_of({{key(7), old}, {key(8), silent}}), kStart);
  auto now = flow(12);
  now.dsacks_at_first = 1;
  now.dsacks = 6;
  tallies.read(reading_of({{key(7), now}, {key(8), silent}}));
  const auto result = tallies.result(all_known(), kHertz);
  ASSERT_THAT(result.flows, SizeIs(1));
  EXPECT_EQ(segments_of(result.flows[0]), 7U);
  EXPECT_EQ(result.flows[0].duplicates, 2U);
  EXPECT_THAT(result.series, ElementsAre(7));
  EXPECT_EQ(tallies.segments(), 7U);
}

TEST(RetransmitTallies, MostSegmentsComeFirstAndSamplesFollow) {
  Tallies tallies;
  tallies.start({}, kStart);
  tallies.take(sample(7, milliseconds(200)));
  tallies.take(sample(8, milliseconds(100)));
  tallies.read(reading_of({{key(7), flow(5)}, {key(8), flow(50)}}));
  const auto result = tallies.result(all_known(), kHertz);
  ASSERT_THAT(result.flows, SizeIs(2));
  EXPECT_EQ(segments_of(result.flows[0]), 50U);
  ASSERT_THAT(result.samples, SizeIs(2));
  EXPECT_EQ(result.samples[0].flow, 0U);
  EXPECT_EQ(result.samples[0].moment.at_ns, 100'000'000);
  EXPECT_EQ(result.samples[1].flow, 1U);
  EXPECT_EQ(result.samples[0].moment.state, "established");
  EXPECT_EQ(result.samples[0].congestion_state, "recovery");
  EXPECT_EQ(result.samples[0].rto_us, 204'000U);
}

TEST(RetransmitTallies, ATimeoutIsNotToldWhereTheKernelsTickIsNotKnown) {
  Tallies tallies;
  tallies.start({}, kStart);
  tallies.take(sample(7, milliseconds(1)));
  tallies.read(reading_of({{key(7), flow(1)}}));
  EXPECT_EQ(tallies.result(all_known(), 0).samples.at(0).rto_us, 0U);
}

TEST(RetransmitTallies, TheSampleOfASynAckBelongsToTheListener) {
  Tallies tallies;
  tallies.start({}, kStart);
  auto listener = flow(0);
  listener.segments[wire::kRetransmitSynAck] = 2;
  listener.events = 2;
  listener.ends = {};
  auto synack = sample(7, milliseconds(1));
  synack.kind = wire::kRetransmitSynAck;
  synack.head.state = 12;
  tallies.take(synack);
  tallies.read(reading_of({{key(7, 0), listener}}));
  const auto result = tallies.result(all_known(), kHertz);
  ASSERT_THAT(result.flows, SizeIs(1));
  EXPECT_EQ(result.flows[0].local, "0.0.0.0");
  EXPECT_EQ(result.flows[0].remote, "");
  ASSERT_THAT(result.samples, SizeIs(1));
  EXPECT_EQ(result.samples[0].moment.remote_port, 443);
  EXPECT_EQ(result.samples[0].moment.state, "syn-received");
  EXPECT_EQ(result.samples[0].congestion_state, "");
}

TEST(RetransmitTallies, SamplesFromBeforeTheStartAndOfNoFlowAreLeftOut) {
  Tallies tallies;
  tallies.start({}, kStart);
  tallies.take(sample(7, milliseconds(-1)));
  tallies.take(sample(99, milliseconds(1)));
  auto nonsense = sample(7, milliseconds(1));
  nonsense.kind = 200;
  tallies.take(nonsense);
  tallies.read(reading_of({{key(7), flow(1)}}));
  EXPECT_THAT(tallies.result(all_known(), kHertz).samples, IsEmpty());
}

TEST(RetransmitTallies, WhatUserSpaceDoesNotKeepIsCounted) {
  constexpr std::uint64_t kMany = 5000;
  Tallies tallies;
  tallies.start({}, kStart);
  for (std::uint64_t at = 0; at < kMany; ++at) tallies.take(sample(7, milliseconds(1)));
  tallies.read(reading_of({{key(7), flow(1)}}));
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_GT(result.samples_left_out, 0U);
  EXPECT_EQ(result.samples.size() + result.samples_left_out, kMany);
}

TEST(RetransmitTallies, TheLastLookFindsWhatHadNoEvent) {
  Tallies tallies;
  tallies.start({}, kStart);
  tallies.read(reading_of({{key(7), flow(5)}}));
  ASSERT_THAT(tallies.open_flows(), SizeIs(1));
  tallies.look_last(key(7), flow(5), {.total = 8, .dsacks = 2, .failures_are_silent = 1});
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_EQ(segments(result.flows.at(0), kUnseen), 3U);
  EXPECT_EQ(segments_of(result.flows.at(0)), 8U);
  EXPECT_EQ(result.flows.at(0).refused, 3U);
  EXPECT_EQ(result.flows.at(0).duplicates, 2U);
  EXPECT_EQ(result.flows.at(0).total, 8U);
}

TEST(RetransmitTallies, TheLastLookTakesNothingThatCameAfterTheWindow) {
  Tallies tallies;
  tallies.start({}, kStart);
  tallies.read(reading_of({{key(7), flow(5)}}));
  // Two more events since: they are in the flow's count, and not of the window.
  tallies.look_last(key(7), flow(7), {.total = 7});
  // Its socket was connected once more.
  tallies.look_last(key(7), flow(7), {.total = 1});
  tallies.look_last(key(1234), flow(7), {.total = 100});
  const auto result = tallies.result(all_known(), kHertz);
  ASSERT_THAT(result.flows, SizeIs(1));
  EXPECT_EQ(segments_of(result.flows[0]), 5U);
  EXPECT_EQ(result.flows[0].refused, 0U);
}

TEST(RetransmitTallies, TheLastLookLearnsACookieThatSomebodyAskedForSince) {
  Tallies tallies;
  tallies.start({}, kStart);
  auto nameless = flow(5);
  nameless.cookie = 0;
  tallies.read(reading_of({{key(7), nameless}, {key(8), flow(4)}}));
  tallies.look_last(key(7), nameless, {.cookie = 5, .total = 5});
  tallies.look_last(key(8), flow(4), {.cookie = 6, .total = 4});
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_EQ(result.flows.at(0).cookie, 5U);
  EXPECT_EQ(result.flows.at(1).cookie, 77U);
}

TEST(RetransmitTallies, AClosedFlowIsNotLookedAtAgain) {
  Tallies tallies;
  tallies.start({}, kStart);
  auto closed = flow(5);
  closed.anchored = 0;
  closed.closed = 1;
  tallies.read(reading_of({{key(7), closed}, {key(8), flow(4)}}));
  ASSERT_THAT(tallies.open_flows(), SizeIs(1));
  closed.dsacks = 3;
  tallies.close(key(8), closed);
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_TRUE(result.flows.at(0).closed);
  EXPECT_TRUE(result.flows.at(1).closed);
  EXPECT_EQ(result.flows.at(1).duplicates, 3U);
}

TEST(RetransmitTallies, ResetsAreNamedByTheirReason) {
  const host::ResetReasons reasons = {{0, "NOT_SPECIFIED"}, {1, "NO_SOCKET"}};
  Tallies tallies;
  Reading before;
  before.resets = {{{.netns = kHome, .reason = 1, .sent = 1}, 10}};
  tallies.start(before, kStart);
  Reading now;
  now.resets = {{{.netns = kHome, .reason = 1, .sent = 1}, 12},
                {{.netns = kHome, .reason = 90, .sent = 1, .state = 10}, 1},
                {{.netns = kHome, .sent = 0, .state = 2}, 5}};
  tallies.read(now);
  Names names = all_known();
  names.reset_reasons = &reasons;
  const auto result = tallies.result(names, kHertz);
  const model::Inode home = std::to_string(kHome);
  EXPECT_THAT(result.resets, ElementsAre(model::ResetTally{home, false, "", "syn-sent", 5},
                                         model::ResetTally{home, true, "NO_SOCKET", "", 2},
                                         model::ResetTally{home, true, "reason-90", "listen", 1}));
}

TEST(RetransmitTallies, AnUnknownNamespaceHasNoName) {
  Tallies tallies;
  tallies.start({}, kStart);
  Reading now = reading_of({{key(7), flow(1)}});
  now.resets = {{{.netns = kHome, .sent = 1}, 2}, {{.netns = 0, .sent = 1}, 3}};
  tallies.read(now);
  Names names = all_known();
  names.known_netns = [](const auto&) { return false; };
  const auto result = tallies.result(names, kHertz);
  EXPECT_EQ(result.flows.at(0).netns, "");
  EXPECT_THAT(result.resets, ElementsAre(model::ResetTally{"", true, "", "", 5}));
}

TEST(RetransmitTallies, WhatFoundNoRoomIsTold) {
  Tallies tallies;
  Reading before;
  before.books.outside_segments = 100;
  tallies.start(before, kStart);
  Reading now;
  now.books.outside_events = 3;
  now.books.outside_segments = 104;
  now.books.segments = 4;
  now.books.outside_resets = 2;
  now.books.samples_left_out = 6;
  tallies.read(now);
  EXPECT_EQ(tallies.outside_segments(), 4U);
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_EQ(result.outside_events, 3U);
  EXPECT_EQ(result.outside_segments, 4U);
  EXPECT_EQ(result.outside_resets, 2U);
  EXPECT_EQ(result.samples_left_out, 6U);
}

TEST(RetransmitTallies, Ipv6EndsAndAddressesWithoutSymbolsAreText) {
  Tallies tallies;
  tallies.start({}, kStart);
  auto six = flow(1);
  six.family = 10;
  six.ends = {};
  six.ends.local[15] = 1;
  six.ends.remote[0] = 0xfd;
  six.ends.remote[15] = 2;
  auto story = sample(7, milliseconds(1));
  story.head.frames = 255;  // more than there are
  story.stack[0] = 0xabc;
  tallies.take(story);
  tallies.read(reading_of({{key(7), six}}));
  const auto result = tallies.result(all_known(), kHertz);
  EXPECT_EQ(result.flows.at(0).family, 6);
  EXPECT_EQ(result.flows.at(0).local, "::1");
  EXPECT_EQ(result.flows.at(0).remote, "fd00::2");
  ASSERT_THAT(result.samples.at(0).moment.stack, SizeIs(std::size_t{wire::kRetransmitFrames}));
  EXPECT_EQ(result.samples[0].moment.stack[0], "0xabc");
}

}  // namespace
}  // namespace probes::retransmits
