// xdp.program-drop: an XDP program ended the packet. A generic program (do_xdp_generic) and a
// native one of a veth (veth_xdp_rcv_skb) run on a packet of the stack, so its end is traced, with
// the reason NOT_SPECIFIED. A native program of a network card runs before there is a packet:
// nothing is traced there, only the driver's own statistics count.
//
// A program that fails says XDP_ABORTED, and its packets end at the same two places; only the
// tracepoint xdp:xdp_exception tells the two apart. So the rival is named, not ruled out.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/path_programs.h"
#include "diagnose/remedies.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kPathPrograms};

// The mode in which the program ran, by where the packets ended.
std::string_view mode_of(const Case& one) {
  const auto& tallies = one.booked.tallies;
  const bool native = std::ranges::any_of(tallies, [&](const auto index) {
    return one.evidence.drops.tallies[index].symbol.starts_with("veth_");
  });
  return native ? "native" : "generic";
}

model::Remedy count_exceptions() {
  model::Remedy remedy{.id = "count-exceptions", .kind = "print"};
  remedy.command = "perf stat -a -e xdp:xdp_exception -- sleep 10";
  remedy.sized_from =
      "nothing: more than 0 means that the program failed (XDP_ABORTED) and did not decide to drop";
  return remedy;
}

model::Remedy without_program(const Case& one, const model::PathProgram& program,
                              std::string_view mode) {
  const auto& at = one.account().at;
  const auto in = [&](const std::string& arguments) {
    return iproute_in(one.evidence, at.netns, "ip", arguments);
  };
  const auto keyword = mode == "native" ? "xdpdrv" : "xdpgeneric";
  const auto pin = fmt::format("/sys/fs/bpf/whydrop-{}", program.id);
  model::Remedy remedy{.id = "test-without-program", .kind = "print"};
  remedy.command = fmt::format("bpftool prog pin id {} {} && {}", program.id, pin,
                               in(fmt::format("link set dev {} {} off", at.dev, keyword)));
  remedy.sized_from =
      "nothing: a test whether the packets pass without it; refused where its owner attached it "
      "by a bpf_link";
  remedy.risk = fmt::format(
      "whatever the program protects, balances or forwards is left open, for every packet of {}",
      at.dev);
  remedy.disrupts = true;
  remedy.undo = command_entering(
      one.evidence, at.netns, fmt::format("ip link set dev {} {} pinned {}", at.dev, keyword, pin));
  remedy.verify = "whydrop diagnose: the packets arrive, or are dropped elsewhere";
  return remedy;
}

void add_remedies(const Case& one, const Programs& programs, std::string_view mode,
                  Explanation& explanation) {
  const auto& at = one.account().at;
  auto& remedies = explanation.remedies;
  for (const auto* program : programs) remedies.push_back(show_program(*program));
  if (programs.empty() && !at.dev.empty()) {
    remedies.push_back({.id = "show-device-programs",
                        .kind = "print",
                        .command = iproute_in(one.evidence, at.netns, "ip",
                                              fmt::format("-d link show dev {}", at.dev)),
                        .sized_from = "nothing: it shows the id of the device's XDP program"});
  }
  remedies.push_back(count_exceptions());
  if (programs.size() == 1 && !at.dev.empty()) {
    remedies.push_back(without_program(one, *programs.front(), mode));
  }
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const auto mode = mode_of(one);
  const auto programs = programs_at(one.evidence, one.booked, fmt::format("xdp-{}", mode));
  const auto device = device_text(one.evidence, account.at);
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  // Never high: a program that fails looks the same.
  explanation.confidence = programs.size() == 1 ? Confidence::kMedium : Confidence::kLow;
  const auto who = programs.size() == 1 ? program_text(*programs.front())
                                        : std::string("XDP program that could not be named");
  explanation.title = fmt::format("{} dropped on {} by the {} {}", packets_text(account.packets),
                                  device, mode, who);
  explanation.why = fmt::format(
      "An XDP program sees each packet before the stack does and may end it: firewalls, load "
      "balancers and protection against floods work so. This is somebody's policy, not a shortage "
      "of the kernel. {}",
      programs.empty()
          ? "No program is listed on the device now: it was taken off, or may not be looked at."
          : "A program that fails instead of deciding (xdp.program-aborted) ends packets at the "
            "same place, and this trace cannot tell the two apart.");
  for (const auto* program : programs) {
    explanation.evidence.push_back(
        {fmt::format("{} is attached to {} in {} mode", program_text(*program), device, mode),
         program->hook, static_cast<double>(program->id)});
  }
  add_sampled_flow(one, explanation);
  explanation.ruled_out.push_back(
      {"xdp.redirect-failed",
       "the packets ended in the program's run; a failed redirect says XDP as the reason"});
  add_remedies(one, programs, mode, explanation);
  return explanation;
}

}  // namespace

extern const Cause xdp_program_drop;
const Cause xdp_program_drop = {.id = "xdp.program-drop", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
