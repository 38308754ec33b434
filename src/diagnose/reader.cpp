#include "diagnose/reader.h"

#include <algorithm>
#include <vector>

#include "diagnose/sockets.h"

namespace diagnose {
namespace {

// Fewer looks than this at a queue could all have hit it by chance when it was full or empty.
constexpr std::uint32_t kEnoughPoints = 3;
// Of a queue that was full while something came, and is full when nothing comes any more.
constexpr std::uint32_t kEnoughWhereFull = 2;

// sk_rcvbuf as the samples of dropped packets saw it: for sockets that were gone at the end.
std::uint64_t sampled_buffer(const model::Evidence& evidence, const model::Inode& netns,
                             std::uint16_t port) {
  for (const auto& sample : evidence.drops.samples) {
    if (sample.tally >= evidence.drops.tallies.size()) continue;
    const auto& tally = evidence.drops.tallies[sample.tally];
    const bool ours = tally.netns == netns && tally.port == port;
    if (ours && sample.receive_buffer_bytes > 0) return sample.receive_buffer_bytes;
  }
  return 0;
}

void watch(const model::Evidence& evidence, const model::Socket& socket, const BurstShape& shape,
           Reader& reader) {
  const auto id = model::counter_id(
      "sockets.receive_memory", {{"inode", std::to_string(socket.inode)}, {"netns", socket.netns}});
  const auto* series = evidence.timeline.gauge(id);
  if (series == nullptr || series->steps.empty() || reader.buffer_bytes == 0) return;
  // What the queue does when nothing comes any more says nothing about a reader that was too slow
  // while something came, unless it stays full. Only a burst that was over before it could be
  // watched leaves no choice; drops that went on for longer were missed because the host was too
  // busy for us to look, and how they lie in time tells more.
  const auto& timeline = evidence.timeline;
  const double last_s = shape.measured ? shape.last_s : timeline.seconds();
  auto held = held_between(timeline, *series, 0, shape.first_s, last_s);
  auto enough = kEnoughPoints;
  if (held.size() < kEnoughPoints) {
    const auto after = held_between(timeline, *series, 0, last_s, timeline.seconds());
    auto all = held;
    all.insert(all.end(), after.begin(), after.end());
    const double standing =
        evidence.thresholds.standing_queue_share * static_cast<double>(reader.buffer_bytes);
    if (!after.empty() && static_cast<double>(std::ranges::min(all)) >= standing) {
      held = all;
      enough = kEnoughWhereFull;
    } else if (shape.span_s <= kTellingSpan) {
      held = after;
    }
  }
  reader.points = static_cast<std::uint32_t>(held.size());
  reader.watched = reader.points >= enough;
  if (!reader.watched) return;
  reader.emptiest_share =
      static_cast<double>(std::ranges::min(held)) / static_cast<double>(reader.buffer_bytes);
}

}  // namespace

Reader reader_of(const model::Evidence& evidence, const model::Inode& netns, std::uint16_t port,
                 const BurstShape& shape) {
  Reader reader;
  reader.buffer_bytes = sampled_buffer(evidence, netns, port);
  const auto sockets = sockets_at(evidence, "udp.receive-buffer-full", netns, port);
  if (!sockets.empty()) {
    if (sockets.front()->receive_buffer > 0) reader.buffer_bytes = sockets.front()->receive_buffer;
    watch(evidence, *sockets.front(), shape, reader);
  }
  const double seconds = evidence.timeline.seconds();
  reader.read_counter = model::counter_id("snmp.Udp.InDatagrams", {{"netns", netns}});
  const auto* read = evidence.timeline.counter(reader.read_counter);
  // On average since the host was started says nothing about when datagrams were lost.
  if (read != nullptr && seconds > 0 && !model::is_since_boot(evidence.window)) {
    reader.read_per_second = static_cast<double>(model::increment(*read).amount) / seconds;
  }
  return reader;
}

}  // namespace diagnose
