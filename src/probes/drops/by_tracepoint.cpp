// The second rung: the classic tracepoint, whose record tracefs describes. Without BTF nothing says
// where a packet keeps its fields, so place, reason and protocol are all that is known.
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

#include "base/descriptor.h"
#include "host/tracepoint.h"
#include "probes/drops/bpf_probe.h"
#include "probes/drops/rungs.h"
#include "probes/drops/tracepoint.skel.h"

namespace probes::drops {
namespace {

constexpr const char* kNeeds = "needs a kernel of 5.10 or later with CONFIG_TRACING";

base::Status tell_fields(const host::Tracepoint& tracepoint, tracepoint_bpf& skeleton) {
  const auto location = tracepoint.field("location");
  const auto protocol = tracepoint.field("protocol");
  if (!location || !protocol) {
    return base::failure("find the fields of kfree_skb: tracefs names others", kNeeds);
  }
  skeleton.rodata->location_offset = location->offset_bytes;
  skeleton.rodata->protocol_offset = protocol->offset_bytes;
  if (const auto reason = tracepoint.field("reason")) {
    skeleton.rodata->reason_offset = reason->offset_bytes;
  }
  return {};
}

// By its number, since libbpf looks for tracefs at its usual places only. A program on a tracepoint
// runs on all CPUs, whichever the event is opened for.
base::Result<base::Descriptor> open_event(std::uint32_t id) {
  perf_event_attr event{};
  event.type = PERF_TYPE_TRACEPOINT;
  event.size = sizeof event;
  event.config = id;
  const int any_process = -1;
  const int cpu = 0;
  base::Descriptor opened(static_cast<int>(
      syscall(SYS_perf_event_open, &event, any_process, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!opened.is_open()) return refused("open the tracepoint kfree_skb", errno, kNeeds);
  return opened;
}

}  // namespace

base::Result<std::unique_ptr<Probe>> attach_by_tracepoint(const Options& options,
                                                          const host::DropReasons& reasons) {
  hear_libbpf();
  const auto tracepoint = TRY(host::read_tracepoint(*base::system_files(), "skb", "kfree_skb"));
  const std::shared_ptr<tracepoint_bpf> skeleton(tracepoint_bpf::open(), tracepoint_bpf::destroy);
  if (!skeleton) return refused("open the drops probe", errno, kNeeds);
  tell(*skeleton, options, reasons);
  TRY(tell_fields(tracepoint, *skeleton));
  const int failed = tracepoint_bpf::load(skeleton.get());
  if (failed != 0) return refused("load the drops probe", -failed, kNeeds);
  auto event = TRY(open_event(tracepoint.id));
  skeleton->links.count_drop =
      bpf_program__attach_perf_event(skeleton->progs.count_drop, event.get());
  if (skeleton->links.count_drop == nullptr) {
    return refused("attach the drops probe to the tracepoint kfree_skb", errno, kNeeds);
  }
  (void)event.release();  // the link closes it
  return read_books_of(loaded(skeleton, "tracepoint"), options);
}

}  // namespace probes::drops
