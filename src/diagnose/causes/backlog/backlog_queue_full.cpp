// backlog.queue-full: packets wait for a CPU in its input queue (veth, loopback, tunnels, and every
// device whose packets are steered by RPS); longer than net.core.netdev_max_backlog it never grows,
// and what comes then is dropped (CPU_BACKLOG at enqueue_to_backlog, softnet dropped of that CPU).
// The queue belongs to the CPU, not to a device or namespace.
//
// What helps depends on who is short: one CPU while others are idle (spread the work), all of them
// (less work per packet), nobody but for a moment (a longer queue), or one flow alone (which no
// steering can split).

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/bursts.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose::causes {
namespace {

using base::grouped;
using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kReceiveQueues};

// A CPU that does nothing else has no time left; one that is idle for a third of it has.
constexpr double kBusyShare = 0.8;
constexpr double kIdleShare = 0.3;
constexpr double kMostShare = 0.9;  // of the drops: "nearly all"
// Fewer samples than this say nothing about how many flows there are.
constexpr size_t kEnoughSamples = 8;

struct CpuLoad {
  std::uint64_t dropped = 0;
  std::uint64_t processed = 0;
  double softirq_share = 0;  // of the window, while it was not idle for lack of work
  double idle_share = 0;
  bool timed = false;  // its time was read
};

// A receive queue and the CPUs that it is steered to.
struct Steering {
  model::Inode netns;
  std::string device;
  std::string queue;
  std::string mask;
};

struct Facts {
  const Case& one;
  BurstShape shape;
  std::map<std::string, CpuLoad> cpus;
  std::string worst_cpu;
  double worst_share = 0;  // of the drops
  std::vector<Steering> steering;
  size_t flows = 0;  // seen in samples
  size_t samples = 0;
  std::optional<std::uint64_t> limit;  // net.core.netdev_max_backlog
  std::uint64_t proposed = 0;

  [[nodiscard]] bool knows_flows() const { return samples >= kEnoughSamples; }
};

std::uint64_t rise_of_cpu(const model::Evidence& evidence, std::string_view name,
                          std::string_view cpu) {
  return evidence.timeline.rise(model::counter_id(name, {{"cpu", cpu}, {"shared", "host"}}));
}

CpuLoad load_of(const model::Evidence& evidence, const std::string& cpu) {
  CpuLoad load{.dropped = rise_of_cpu(evidence, "softnet.dropped", cpu),
               .processed = rise_of_cpu(evidence, "softnet.processed", cpu)};
  std::uint64_t all = 0;
  for (const auto* state :
       {"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}) {
    all += rise_of_cpu(evidence, std::string("cpu.") + state, cpu);
  }
  if (all == 0) return load;
  const auto share = [&](std::string_view name) {
    return static_cast<double>(rise_of_cpu(evidence, name, cpu)) / static_cast<double>(all);
  };
  load.timed = true;
  load.softirq_share = share("cpu.softirq");
  load.idle_share = share("cpu.idle") + share("cpu.iowait");
  return load;
}

void read_cpus(Facts& facts) {
  const auto& evidence = facts.one.evidence;
  std::uint64_t dropped = 0;
  for (const auto& [id, series] : evidence.timeline.counters) {
    if (model::counter_name(id) != "softnet.dropped") continue;
    const auto cpu = model::counter_label(id, "cpu");
    facts.cpus[cpu] = load_of(evidence, cpu);
    dropped += facts.cpus[cpu].dropped;
  }
  const auto worst =
      std::ranges::max_element(facts.cpus, {}, [](const auto& one) { return one.second.dropped; });
  if (worst == facts.cpus.end() || dropped == 0) return;
  facts.worst_cpu = worst->first;
  facts.worst_share = static_cast<double>(worst->second.dropped) / static_cast<double>(dropped);
}

// The queues of the devices that the dropped packets had come by.
void read_steering(Facts& facts) {
  const auto& evidence = facts.one.evidence;
  std::set<std::pair<model::Inode, std::string>> devices;
  for (const auto index : facts.one.booked.tallies) {
    const auto& tally = evidence.drops.tallies[index];
    const auto* device = model::find_device(evidence, tally.netns, tally.ifindex);
    if (device != nullptr) devices.insert({tally.netns, device->name});
  }
  const auto& at = facts.one.account().at;
  if (devices.empty() && !at.dev.empty()) devices.insert({at.netns, at.dev});
  for (const auto& [id, mask] : evidence.settings) {
    if (model::counter_name(id) != "rps.cpus") continue;
    Steering row{.netns = model::counter_label(id, "netns"),
                 .device = model::counter_label(id, "dev"),
                 .queue = model::counter_label(id, "queue"),
                 .mask = mask};
    if (devices.contains({row.netns, row.device})) facts.steering.push_back(std::move(row));
  }
}

void count_flows(Facts& facts) {
  std::set<model::Flow> flows;
  for (const auto* sample : samples_of(facts.one.evidence, facts.one.booked)) {
    if (!sample->flow) continue;
    ++facts.samples;
    flows.insert(*sample->flow);
  }
  facts.flows = flows.size();
}

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .shape = burst_shape(one.evidence, one.booked)};
  read_cpus(facts);
  read_steering(facts);
  count_flows(facts);
  facts.limit = model::number_setting(
      one.evidence, model::counter_id("sysctl.net.core.netdev_max_backlog", {{"shared", "host"}}));
  if (facts.limit && facts.shape.measured) {
    const double need = static_cast<double>(*facts.limit + facts.shape.largest_packets);
    const auto with_room = static_cast<std::uint64_t>(need * one.evidence.thresholds.headroom);
    facts.proposed = (with_room / 1000 + 1) * 1000;
  }
  return facts;
}

bool others_are_idle(const Facts& facts) {
  return std::ranges::any_of(facts.cpus, [&](const auto& one) {
    const auto& [cpu, load] = one;
    return cpu != facts.worst_cpu && load.timed && load.idle_share >= kIdleShare;
  });
}

bool is_steered_to_one(const Facts& facts) {
  return std::ranges::any_of(facts.steering, [](const Steering& row) {
    int cpus = 0;
    for (const char digit : row.mask) {
      const auto value = base::parse_number<unsigned>(std::string_view(&digit, 1), 16);
      cpus += value ? __builtin_popcount(*value) : 0;
    }
    return cpus == 1;
  });
}

model::Root root_of(const Facts& facts) {
  if (facts.worst_cpu.empty()) return {"load.burst", 1.0, Confidence::kLow};
  const auto& worst = facts.cpus.at(facts.worst_cpu);
  const bool one_cpu = facts.cpus.size() > 1 && facts.worst_share >= kMostShare;
  const bool one_flow = facts.knows_flows() && facts.flows == 1;
  const bool short_of_time = !worst.timed || worst.idle_share < 1 - kBusyShare;
  const bool steady = facts.shape.measured &&
                      facts.shape.active_share >= facts.one.evidence.thresholds.steady_slot_share;
  if (one_cpu && is_steered_to_one(facts)) {
    const auto confidence = facts.knows_flows() ? Confidence::kHigh : Confidence::kMedium;
    return {one_flow ? "load.one-flow" : "irq.one-cpu", 1.0, confidence};
  }
  if (!short_of_time && !steady) return {"load.burst", 1.0, Confidence::kMedium};
  if (one_cpu && (others_are_idle(facts) || short_of_time)) {
    const auto confidence = others_are_idle(facts) ? Confidence::kHigh : Confidence::kMedium;
    return {one_flow ? "load.one-flow" : "irq.one-cpu", 1.0, confidence};
  }
  if (short_of_time) return {"cpu.softirq-saturated", 1.0, Confidence::kMedium};
  return {"load.burst", 1.0, Confidence::kLow};
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  for (const auto& [cpu, load] : facts.cpus) {
    if (load.dropped == 0 && load.processed == 0) continue;
    const auto time = load.timed ? fmt::format("; {:.0f} % of its time in softirqs, {:.0f} % idle",
                                               100 * load.softirq_share, 100 * load.idle_share)
                                 : std::string();
    proofs.push_back({fmt::format("CPU {} dropped {} and processed {}{}", cpu,
                                  grouped(load.dropped), grouped(load.processed), time),
                      fmt::format("softnet.dropped{{cpu=\"{}\"}}", cpu),
                      static_cast<double>(load.dropped)});
  }
  for (const auto& row : facts.steering) {
    const bool off = row.mask.find_first_not_of("0,") == std::string::npos;
    proofs.push_back({off ? fmt::format("queue {} of {} is not steered: the CPU that takes the "
                                        "packets is the one that they come in on",
                                        row.queue, row.device)
                          : fmt::format("queue {} of {} is steered to the CPUs of mask {}",
                                        row.queue, row.device, row.mask),
                      "rps.cpus",
                      {}});
  }
  if (facts.knows_flows()) {
    proofs.push_back({fmt::format("{} flow{} among {} sampled packets", facts.flows,
                                  facts.flows == 1 ? "" : "s", facts.samples),
                      "drops.samples", static_cast<double>(facts.flows)});
  }
  if (facts.limit) {
    proofs.push_back(
        {fmt::format("net.core.netdev_max_backlog is {} packets a CPU", grouped(*facts.limit)),
         "sysctl.net.core.netdev_max_backlog", static_cast<double>(*facts.limit)});
  }
  if (facts.shape.measured) {
    proofs.push_back(
        {fmt::format("the largest burst of drops lost {} in {:.0f} ms",
                     packets_text(facts.shape.largest_packets), 1000 * facts.shape.longest_s),
         "drops.bursts", static_cast<double>(facts.shape.largest_packets)});
  }
}

// Every CPU of the host, in the kernel's way of writing masks: 32 bits between commas.
std::string mask_of_all(int cpus) {
  std::string mask;
  for (int left = cpus; left > 0; left -= 32) {
    const auto bits = left >= 32 ? 0xffffffffU : (1U << left) - 1;
    mask = fmt::format(fmt::runtime(mask.empty() ? "{:x}" : "{:08x}"), bits) +
           (mask.empty() ? "" : "," + mask);
  }
  return mask;
}

void spread(const Facts& facts, Explanation& explanation) {
  const auto& evidence = facts.one.evidence;
  const auto all = mask_of_all(evidence.host.cpus);
  for (const auto& row : facts.steering) {
    if (evidence.host.cpus < 2 || row.mask == all) continue;
    const auto file = fmt::format("/sys/class/net/{}/queues/{}/rps_cpus", row.device, row.queue);
    const auto write = [&](const std::string& mask) {
      const auto script = fmt::format("echo {} >{}", mask, base::shell_quoted(file));
      return command_in(evidence, row.netns, "sh -c " + base::shell_quoted(script));
    };
    model::Remedy remedy{.id = "rps.spread", .kind = "affinity", .command = write(all)};
    remedy.set = {{.target = fmt::format("rps_cpus of {} {}", row.device, row.queue),
                   .netns = row.netns,
                   .from = row.mask,
                   .to = all}};
    remedy.sized_from = fmt::format(
        "CPU {} alone had {:.0f} % of the drops; {} can be spread over {} CPUs", facts.worst_cpu,
        100 * facts.worst_share,
        facts.knows_flows() ? fmt::format("{} flows", facts.flows) : "flows, if they are several,",
        evidence.host.cpus);
    remedy.risk = "packets of one flow stay in order; the other CPUs get softirq work";
    remedy.undo = write(row.mask);
    remedy.verify = "whydrop diagnose: softnet dropped stands still";
    remedy.tunable = true;
    explanation.remedies.push_back(std::move(remedy));
  }
}

void lengthen(const Facts& facts, Explanation& explanation) {
  if (!facts.limit || facts.proposed <= *facts.limit) return;
  auto remedy = sysctl_remedy(facts.one.evidence, "", "net.core.netdev_max_backlog",
                              std::to_string(*facts.limit), std::to_string(facts.proposed));
  remedy.id = "sysctl.netdev-max-backlog";
  remedy.sized_from = fmt::format(
      "{} of queue + {} that the largest burst lacked, with {:.0f} % room", grouped(*facts.limit),
      grouped(facts.shape.largest_packets), 100 * (facts.one.evidence.thresholds.headroom - 1));
  remedy.risk = "every CPU may queue so much: memory, and packets that wait longer";
  explanation.remedies.push_back(std::move(remedy));
}

void lighten(const Facts& facts, Explanation& explanation) {
  model::Remedy remedy{.id = "show-softirq-work", .kind = "print"};
  remedy.command = facts.worst_cpu.empty()
                       ? std::string("perf top -e cycles:k")
                       : fmt::format("perf top -e cycles:k -C {}", facts.worst_cpu);
  remedy.sized_from = "nothing: it shows what the CPU does for each packet (rules, filters, taps)";
  explanation.remedies.push_back(std::move(remedy));
}

void explain_root(const Facts& facts, Explanation& explanation) {
  const auto& root = explanation.because.front().cause;
  auto& out = explanation.ruled_out;
  if (root == "irq.one-cpu") {
    explanation.why = fmt::format(
        "CPU {} has to take nearly all packets and cannot keep up; {}. A longer queue would only "
        "fill up later.",
        facts.worst_cpu,
        facts.knows_flows() ? "the flows are many, so the work could be spread"
                            : "the work could be spread, unless it is all of one flow");
    if (facts.knows_flows()) {
      out.push_back({"load.one-flow",
                     fmt::format("{} flows among {} sampled packets", facts.flows, facts.samples)});
    }
    spread(facts, explanation);
  } else if (root == "load.one-flow") {
    explanation.why = fmt::format(
        "One flow carries the load, and a flow is never split over CPUs: CPU {} is short, and no "
        "steering helps. Only less work per packet, or fewer packets (GRO, larger datagrams), do.",
        facts.worst_cpu);
    out.push_back({"irq.one-cpu", "one flow only: there is nothing to spread"});
  } else if (root == "cpu.softirq-saturated") {
    explanation.why =
        "The CPUs that take packets have no time left, so every queue fills up. Less work per "
        "packet helps; a longer queue only delays the drops.";
    spread(facts, explanation);
  } else {
    explanation.why =
        "Packets come in bursts that the CPU's input queue cannot hold; between them the CPU "
        "keeps up.";
    lengthen(facts, explanation);
  }
  if (root != "load.burst") lighten(facts, explanation);
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  explanation.because = {root_of(facts)};
  explanation.confidence = explanation.because.front().confidence;
  const auto cpu = facts.worst_cpu.empty() ? std::string("a CPU")
                   : facts.worst_share >= kMostShare
                       ? fmt::format("CPU {}", facts.worst_cpu)
                       : fmt::format("several CPUs, most in that of CPU {}", facts.worst_cpu);
  const auto device = account.at.dev.empty() ? std::string() : " behind " + account.at.dev;
  explanation.title = fmt::format("{} lost in the full input queue of {}{}",
                                  packets_text(account.packets), cpu, device);
  add_proofs(facts, explanation);
  explain_root(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause backlog_queue_full;
const Cause backlog_queue_full = {.id = "backlog.queue-full", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
