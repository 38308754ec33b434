#include "diagnose/path_programs.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose {
namespace {

using model::Confidence;
using model::PathProgram;

bool is_tcx(const PathProgram& program) {
  return program.attachment.starts_with("tcx");
}

// A filter without an action, or with one that only passes, ends no packet.
bool can_drop(const PathProgram& program) {
  constexpr std::string_view kAction = " action ";
  if (program.kind == "bpf") return true;
  const std::string_view text = program.attachment;
  for (auto at = text.find(kAction); at != text.npos; at = text.find(kAction, at + 1)) {
    if (!text.substr(at + kAction.size()).starts_with("pass")) return true;
  }
  return false;
}

std::optional<std::uint64_t> counted_by_qdisc(const Case& one) {
  const auto& at = one.account().at;
  for (const auto& [id, series] : one.evidence.timeline.counters) {
    if (model::counter_name(id) != "qdisc.drops" || model::counter_label(id, "dev") != at.dev ||
        model::counter_label(id, "netns") != at.netns) {
      continue;
    }
    const auto kind = model::counter_label(id, "kind");
    if (kind == "clsact" || kind == "ingress") {
      return std::min(model::increment(series).amount, one.account().packets);
    }
  }
  return {};
}

std::string list_text(const Programs& programs) {
  std::vector<std::string> texts;
  for (const auto* program : programs) texts.push_back(program_text(*program));
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string pref_of(const PathProgram& program) {
  const std::string_view text = program.attachment;
  constexpr std::string_view kPref = "pref ";
  if (!text.starts_with(kPref)) return {};
  return std::string(text.substr(kPref.size(), text.find(' ', kPref.size()) - kPref.size()));
}

model::Remedy show_filters(const Case& one, std::string_view direction) {
  const auto& at = one.account().at;
  model::Remedy remedy{.id = "show-filters", .kind = "print"};
  remedy.command = iproute_in(one.evidence, at.netns, "tc",
                              fmt::format("-s -d filter show dev {} {}", at.dev, direction));
  remedy.sized_from = "nothing: it shows every filter of this hook with what it counted";
  return remedy;
}

model::Remedy show_net(const Case& one) {
  const auto& at = one.account().at;
  model::Remedy remedy{.id = "show-device-programs", .kind = "print"};
  remedy.command =
      command_in(one.evidence, at.netns, fmt::format("bpftool net show dev {}", at.dev));
  remedy.sized_from = "nothing: it shows every BPF program of the device, tcx included";
  return remedy;
}

model::Remedy without_filter(const Case& one, const PathProgram& filter,
                             std::string_view direction) {
  const auto& at = one.account().at;
  const auto in = [&](const std::string& arguments) {
    return iproute_in(one.evidence, at.netns, "tc", arguments);
  };
  const auto pref = pref_of(filter);
  model::Remedy remedy{.id = "test-without-filter", .kind = "print"};
  remedy.command = in(fmt::format("filter del dev {} {} pref {}", at.dev, direction, pref));
  remedy.sized_from = "nothing: a test whether the packets pass without it; it is not a cure";
  remedy.risk = fmt::format(
      "whatever the filters of pref {} protect or steer is left open, for every packet of {}", pref,
      at.dev);
  remedy.disrupts = true;
  remedy.undo = "whoever installed it has to add it again: note it down with the command above";
  if (filter.id != 0) {
    const auto pin = fmt::format("/sys/fs/bpf/whydrop-{}", filter.id);
    remedy.command = fmt::format("bpftool prog pin id {} {} && {}", filter.id, pin, remedy.command);
    remedy.undo = command_entering(
        one.evidence, at.netns,
        fmt::format("tc filter add dev {} {} pref {} bpf direct-action object-pinned {}", at.dev,
                    direction, pref, pin));
  }
  remedy.verify = "whydrop diagnose: the packets arrive, or are dropped elsewhere";
  return remedy;
}

void add_tc_remedies(const Case& one, const TcSuspects& suspects, std::string_view direction,
                     Explanation& explanation) {
  auto& remedies = explanation.remedies;
  if (one.account().at.dev.empty()) return;
  for (const auto* program : suspects.candidates) {
    if (program->id != 0) remedies.push_back(show_program(*program));
  }
  const bool any_filter =
      std::ranges::any_of(suspects.candidates, [](const auto* one_of) { return !is_tcx(*one_of); });
  if (any_filter || suspects.candidates.empty()) remedies.push_back(show_filters(one, direction));
  if (!any_filter) remedies.push_back(show_net(one));
  if (suspects.candidates.size() == 1 && any_filter) {
    remedies.push_back(without_filter(one, *suspects.candidates.front(), direction));
  }
}

void add_tc_proofs(const Case& one, const TcSuspects& suspects, Explanation& explanation) {
  for (const auto* program : suspects.all) {
    explanation.evidence.push_back(
        {fmt::format("{} sees every packet {}", program_text(*program),
                     program->hook == "tc-egress" ? "on its way out" : "on its way in"),
         program->hook,
         {}});
  }
  if (suspects.counted) {
    explanation.evidence.push_back(
        {fmt::format("the filters' qdisc counted {} of them (it counts for filters, not for tcx)",
                     base::grouped(*suspects.counted)),
         "qdisc.drops", static_cast<double>(*suspects.counted)});
  }
  add_sampled_flow(one, explanation);
}

}  // namespace

Programs programs_at(const model::Evidence& evidence, const Booked& booked, std::string_view hook) {
  std::set<std::pair<model::Inode, std::uint32_t>> devices;
  for (const auto index : booked.tallies) {
    const auto& tally = evidence.drops.tallies[index];
    devices.insert({tally.netns, tally.ifindex});
  }
  Programs found;
  for (const auto& program : evidence.path_programs) {
    const bool here = devices.contains({program.netns, program.ifindex});
    if (here && program.hook.starts_with(hook)) found.push_back(&program);
  }
  return found;
}

std::string program_text(const model::PathProgram& program) {
  const auto where =
      program.attachment.empty() ? std::string() : fmt::format(", {}", program.attachment);
  if (program.id == 0) {
    return fmt::format("{} filter ({})", program.kind,
                       program.attachment.empty() ? "no place known" : program.attachment);
  }
  const auto name = program.name.empty() ? std::string("without a known name")
                                         : fmt::format("\"{}\"", program.name);
  const auto tag = program.tag.empty() ? std::string() : fmt::format(", tag {}", program.tag);
  return fmt::format("BPF program {} (id {}{}{})", name, program.id, tag, where);
}

std::string device_text(const model::Evidence& evidence, const model::Place& at) {
  if (at.dev.empty()) return "an unknown device";
  const auto* netns = model::find_netns(evidence, at.netns);
  if (netns == nullptr || netns->name.empty() || netns->name == "init") return at.dev;
  return fmt::format("{} in {}", at.dev, netns->name);
}

model::Remedy show_program(const model::PathProgram& program) {
  model::Remedy remedy{.id = "show-program", .kind = "print"};
  remedy.command = fmt::format("bpftool prog show id {}", program.id);
  remedy.sized_from =
      "nothing: it shows who loaded the program and which process holds it; its owner decides what "
      "it drops";
  return remedy;
}

void add_sampled_flow(const Case& one, Explanation& explanation) {
  const auto flow = common_flow(one.evidence, one.booked, true);
  if (!flow) return;
  explanation.evidence.push_back(
      {fmt::format("sampled most often: {} from {} to {} port {}", flow->protocol, flow->source,
                   flow->destination, flow->destination_port),
       "drops.samples",
       {}});
}

TcSuspects tc_suspects(const Case& one, std::string_view hook) {
  TcSuspects suspects{.all = programs_at(one.evidence, one.booked, hook)};
  suspects.counted = counted_by_qdisc(one);
  for (const auto* program : suspects.all) {
    if (!can_drop(*program)) continue;
    // The counter is shared by both directions: it can rule out, not accuse.
    const auto counted = suspects.counted.value_or(0);
    const bool all_counted = suspects.counted && counted == one.account().packets;
    if (is_tcx(*program) ? all_counted : suspects.counted && counted == 0) continue;
    suspects.candidates.push_back(program);
  }
  return suspects;
}

Explanation explain_tc_drop(const Case& one, std::string_view direction) {
  const auto& account = one.account();
  const auto suspects = tc_suspects(one, fmt::format("tc-{}", direction));
  const auto& candidates = suspects.candidates;
  const auto device = device_text(one.evidence, account.at);
  const bool out = direction == "egress";
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  const auto packets = packets_text(account.packets);
  const auto way = out ? "on the way out of" : "on the way into";
  if (candidates.size() == 1) {
    explanation.confidence = Confidence::kHigh;
    explanation.title = fmt::format("{} dropped {} {} by the {}", packets, way, device,
                                    program_text(*candidates.front()));
    explanation.why =
        "A tc filter or program may end any packet of its device. This one did: it is somebody's "
        "policy, not a shortage of the kernel.";
  } else if (candidates.empty()) {
    explanation.confidence = Confidence::kLow;
    explanation.title = fmt::format("{} dropped {} {} by a tc filter", packets, way, device);
    explanation.why =
        "The kernel says that a tc filter or program dropped them, but none could be listed: it "
        "was removed since, or may not be looked at.";
  } else {
    explanation.confidence = Confidence::kMedium;
    explanation.title = fmt::format("{} dropped {} {} by one of {} tc filters", packets, way,
                                    device, candidates.size());
    explanation.why = fmt::format(
        "A tc filter or program may end any packet of its device. It was one of these, and the "
        "trace does not say which: {}.",
        list_text(candidates));
  }
  add_tc_proofs(one, suspects, explanation);
  add_tc_remedies(one, suspects, direction, explanation);
  return explanation;
}

}  // namespace diagnose
