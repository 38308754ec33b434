// The ladder: the best way to see drops that this kernel and these rights allow.
#include "probes/drops/drops.h"

#include <array>

#include "probes/drops/rungs.h"

namespace probes::drops {
namespace {

constexpr std::array kLadder = {Rung::kBtf, Rung::kTracepoint, Rung::kDropMonitor};

base::Result<Attached> attach_at(Rung rung, const Options& options,
                                 const host::DropReasons& reasons) {
  if (rung == Rung::kBtf) return attach_by_btf(options, reasons);
  if (options.filter != nullptr) {
    return base::failure(std::string("a filter cannot be had with ") + name(rung),
                         "the fields of packets come from the kernel's BTF: tp_btf");
  }
  Attached attached{.rung = rung};
  attached.probe = TRY(rung == Rung::kTracepoint ? attach_by_tracepoint(options, reasons)
                                                 : attach_by_drop_monitor(options));
  return attached;
}

}  // namespace

const char* name(Rung rung) {
  switch (rung) {
    case Rung::kBtf:
      return "tp_btf";
    case Rung::kTracepoint:
      return "tracepoint";
    case Rung::kDropMonitor:
      break;
  }
  return "drop_monitor";
}

std::optional<Rung> rung_of(std::string_view wanted) {
  for (const auto rung : kLadder) {
    if (wanted == name(rung)) return rung;
  }
  return {};
}

base::Result<Attached> attach(const Options& options, const host::DropReasons& reasons) {
  std::vector<base::Error> refused;
  for (const auto rung : kLadder) {
    if (options.only && *options.only != rung) continue;
    auto attached = attach_at(rung, options, reasons);
    if (attached) {
      attached->refused = std::move(refused);
      return attached;
    }
    refused.push_back(attached.error());
  }
  return std::unexpected(refused.front());
}

std::optional<model::BlindSpot> blind_spot(const Attached& attached) {
  if (attached.rung == Rung::kBtf) return {};
  model::BlindSpot blind;
  blind.what = "device, namespace, flow, owner and size of each dropped packet";
  if (attached.rung == Rung::kDropMonitor) {
    // net_dm_packet_trace_kfree_skb_hit() leaves out what has no link header yet.
    blind.what =
        "device, namespace, socket and stack of each dropped packet, and packets that this "
        "host sends until they reach a queue";
    blind.stages = {model::Stage::kRoute, model::Stage::kNeighbour, model::Stage::kNetfilterOut};
  }
  if (attached.refused.empty()) {
    blind.why = std::string("drops are traced by ") + name(attached.rung) + ", as was asked for";
    return blind;
  }
  blind.why = std::string("drops are traced by ") + name(attached.rung) + ": " +
              attached.refused.front().what;
  blind.enable = attached.refused.front().hint;
  return blind;
}

}  // namespace probes::drops
