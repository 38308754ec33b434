// qdisc.emulated-loss: netem lost the packet because it was told to. The kernel gives it the reason
// and the counter of a full queue (QDISC_DROP, qdisc.drops; net/sched/sch_netem.c: netem_enqueue),
// so only the kind of the qdisc tells the two apart. netem's own queue, of 1,000 packets unless
// told otherwise, may have been full as well: that, too, is the emulated link's doing.

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/path_programs.h"
#include "diagnose/remedies.h"

namespace diagnose::causes {
namespace {

model::Remedy without_netem(const Case& one) {
  const auto& at = one.account().at;
  model::Remedy remedy{.id = "qdisc.netem-off", .kind = "qdisc"};
  remedy.command = iproute_in(one.evidence, at.netns, "tc",
                              fmt::format("qdisc del dev {} root", base::shell_quoted(at.dev)));
  remedy.sized_from = "nothing: netem stands on this device, and loses what it was told to lose";
  remedy.risk =
      "whoever emulates a bad link there measures a good one; all that hangs below this root goes "
      "with it, and the device gets its default queue";
  remedy.undo = "write down what `tc qdisc show` prints first, and add it again";
  remedy.verify = iproute_in(one.evidence, at.netns, "tc",
                             fmt::format("-s qdisc show dev {}", base::shell_quoted(at.dev)));
  return remedy;
}

model::Remedy show(const Case& one) {
  const auto& at = one.account().at;
  const auto device = at.dev.empty() ? "" : " dev " + base::shell_quoted(at.dev);
  return {.id = "show-qdisc",
          .kind = "print",
          .command = iproute_in(one.evidence, at.netns, "tc", "-s qdisc show" + device),
          .sized_from = "nothing: it shows what netem was told (loss, limit) and what it dropped"};
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  explanation.title = fmt::format("{} dropped by netem at {}", packets_text(account.packets),
                                  device_text(one.evidence, account.at));
  explanation.why =
      "The qdisc netem emulates a bad link: somebody told it to lose packets, or to hold fewer "
      "than "
      "were sent. Nothing is wrong with the device itself.";
  explanation.ruled_out.push_back(
      {"qdisc.queue-full",
       "the qdisc is netem, whose drops look like those of a full queue, in reason and counter"});
  explanation.remedies.push_back(show(one));
  if (!account.at.dev.empty()) explanation.remedies.push_back(without_netem(one));
  return explanation;
}

}  // namespace

extern const Cause qdisc_emulated_loss;
const Cause qdisc_emulated_loss = {.id = "qdisc.emulated-loss", .needs = {}, .explain = explain};

}  // namespace diagnose::causes
