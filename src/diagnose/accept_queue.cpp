#include "diagnose/accept_queue.h"

#include <algorithm>
#include <vector>

#include "diagnose/sockets.h"

namespace diagnose {
namespace {

// Fewer looks than this at a queue could all have hit it by chance when it was full or empty.
constexpr std::uint32_t kEnoughPoints = 3;

// When connections were refused: per interval of the timeline.
std::vector<std::uint64_t> refusals(const model::Evidence& evidence, const model::Inode& netns) {
  const auto* series = evidence.timeline.counter(
      model::counter_id("netstat.TcpExt.ListenOverflows", {{"netns", netns}}));
  return series == nullptr ? std::vector<std::uint64_t>() : rises(evidence.timeline, *series);
}

std::uint64_t largest_run(const std::vector<std::uint64_t>& per_interval) {
  std::uint64_t largest = 0;
  std::uint64_t run = 0;
  for (const auto refused : per_interval) {
    run = refused == 0 ? 0 : run + refused;
    largest = std::max(largest, run);
  }
  return largest;
}

void watch(const model::Evidence& evidence, const std::vector<std::uint64_t>& per_interval,
           AcceptQueue& queue) {
  const auto id = model::counter_id(
      "sockets.accept_queue",
      {{"inode", std::to_string(queue.listener->inode)}, {"netns", queue.listener->netns}});
  const auto* series = evidence.timeline.gauge(id);
  const auto is_refusal = [](std::uint64_t refused) { return refused > 0; };
  const auto first = std::ranges::find_if(per_interval, is_refusal);
  if (series == nullptr || series->steps.empty() || first == per_interval.end()) return;
  const auto last = std::find_if(per_interval.rbegin(), per_interval.rend(), is_refusal);
  // Interval N lies between the points N and N + 1.
  const auto from = static_cast<std::uint32_t>(first - per_interval.begin()) + 1;
  const auto to = static_cast<std::uint32_t>(per_interval.rend() - last);
  std::uint64_t emptiest = queue.limit;
  for (auto point = std::max(from, series->first_read); point <= std::min(to, series->last_read);
       ++point) {
    emptiest = std::min(emptiest, series->at(point));
    ++queue.points;
  }
  queue.watched = queue.points >= kEnoughPoints;
  const auto limit = static_cast<double>(std::max<std::uint64_t>(queue.limit, 1));
  queue.emptiest_share = static_cast<double>(emptiest) / limit;
}

}  // namespace

AcceptQueue accept_queue_of(const model::Evidence& evidence, const Booked& booked) {
  AcceptQueue queue;
  const auto& netns = booked.account.at.netns;
  const auto listeners = sockets_at(evidence, booked.account.account, netns, booked.port);
  if (booked.port == 0 || listeners.empty()) return queue;
  queue.listener = listeners.front();
  queue.limit = queue.listener->send_queue;
  queue.longest = longest_accept_queue(evidence, *queue.listener);
  const auto per_interval = refusals(evidence, netns);
  queue.largest_burst = largest_run(per_interval);
  watch(evidence, per_interval, queue);
  const double seconds = evidence.timeline.seconds();
  const auto* finished =
      evidence.timeline.counter(model::counter_id("snmp.Tcp.PassiveOpens", {{"netns", netns}}));
  if (finished != nullptr && seconds > 0) {
    queue.finished_per_second = static_cast<double>(model::increment(*finished).amount) / seconds;
  }
  return queue;
}

}  // namespace diagnose
