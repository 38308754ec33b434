// tc-egress.filter-drop: a tc filter or BPF program said drop before the packet reached the queue
// of the device (TC_EGRESS at __dev_queue_xmit). A local sender hears of it: Ip OutDiscards and Udp
// SndbufErrors rise with it, as if a buffer had been full.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/path_programs.h"

namespace diagnose::causes {
namespace {

constexpr std::array kNeeds = {model::Question::Kind::kPathPrograms};

std::uint64_t echo_of(const model::Account& account, std::string_view counter) {
  const auto found = std::ranges::find_if(account.echoes, [&](const model::Echo& echo) {
    return model::counter_name(echo.id) == counter;
  });
  return found == account.echoes.end() ? 0 : found->packets;
}

std::optional<Explanation> explain(const Case& one) {
  auto explanation = explain_tc_drop(one, "egress");
  const auto errors = echo_of(one.account(), "snmp.Udp.SndbufErrors");
  if (errors > 0) {
    explanation.ruled_out.push_back(
        {"socket-tx.buffer-full",
         fmt::format("Udp SndbufErrors rose by {} with these drops: the kernel tells a drop by tc "
                     "to the sender as a full buffer",
                     base::grouped(errors))});
  }
  explanation.ruled_out.push_back(
      {"qdisc.queue-full", "the kernel gave TC_EGRESS: the packets never reached the queue"});
  return explanation;
}

}  // namespace

extern const Cause tc_egress_filter_drop;
const Cause tc_egress_filter_drop = {
    .id = "tc-egress.filter-drop", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
