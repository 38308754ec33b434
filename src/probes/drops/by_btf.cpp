// The first rung: types of the running kernel from its BTF.
#include <bpf/bpf.h>

#include <cerrno>

#include "base/descriptor.h"
#include "filter/insertion.h"
#include "probes/drops/bpf_probe.h"
#include "probes/drops/drops.skel.h"
#include "probes/drops/drops.wire.h"
#include "probes/drops/rungs.h"

namespace probes::drops {
namespace {

constexpr const char* kNeeds = "needs a kernel of 5.10 or later with CONFIG_DEBUG_INFO_BTF";

constexpr std::uint32_t kSlotsPerSecond = 1'000'000'000 / wire::kDropSlotNs;
constexpr std::uint32_t kMostStacks = 16384;

std::uint64_t socket_reasons(const host::DropReasons& reasons) {
  std::uint64_t bits = 0;
  for (const auto& [number, name] : reasons.names()) {
    if (number < 64 && (name == "SOCKET_RCVBUFF" || name == "PROTO_MEM")) {
      bits |= std::uint64_t{1} << number;
    }
  }
  return bits;
}

std::uint32_t number_of(const host::DropReasons& reasons, std::string_view wanted) {
  for (const auto& [number, name] : reasons.names()) {
    if (name == wanted) return number;
  }
  return 0;
}

// The program with the filter in it takes the place of the one that libbpf loaded.
struct Filtered {
  std::shared_ptr<drops_bpf> skeleton;  // its maps; outlives the rest
  base::Descriptor program;
  base::Descriptor link;
};

struct Attachment {
  std::shared_ptr<drops_bpf> skeleton;
  std::shared_ptr<Filtered> filtered;  // null without a filter
};

base::Result<std::shared_ptr<Filtered>> attach_filtered(std::shared_ptr<drops_bpf> skeleton,
                                                        const filter::Program& filter) {
  auto filtered = std::make_shared<Filtered>();
  filtered->program = TRY(filter::load_filtered(skeleton->progs.count_drop, filter));
  filtered->skeleton = std::move(skeleton);
  const int link = bpf_raw_tracepoint_open(nullptr, filtered->program.get());
  if (link < 0) return refused("attach the drops probe to kfree_skb", -link, kNeeds);
  filtered->link = base::Descriptor(link);
  return filtered;
}

base::Result<Attachment> load_and_attach(const Options& options, const host::DropReasons& reasons,
                                         bool with_polls) {
  hear_libbpf();
  const std::shared_ptr<drops_bpf> skeleton(drops_bpf::open(), drops_bpf::destroy);
  if (!skeleton) return refused("open the drops probe", errno, kNeeds);
  tell(*skeleton, options, reasons);
  skeleton->rodata->socket_reasons = socket_reasons(reasons);
  skeleton->rodata->no_socket_reason = number_of(reasons, "NO_SOCKET");
  skeleton->rodata->stacks_per_slot = options.stacks_per_second / kSlotsPerSecond;
  if (options.stacks_per_second > 0) {
    bpf_map__set_max_entries(skeleton->maps.stack_traces, kMostStacks);
    bpf_map__set_max_entries(skeleton->maps.stack_counts, kMostStacks);
  }
  skeleton->rodata->with_flows = options.most_flows > 0 ? 1 : 0;
  if (options.most_flows > 0) {
    bpf_map__set_max_entries(skeleton->maps.flows_even, options.most_flows);
    bpf_map__set_max_entries(skeleton->maps.flows_odd, options.most_flows);
  }
  bpf_program__set_autoload(skeleton->progs.count_received, options.received);
  bpf_program__set_autoload(skeleton->progs.count_poll, with_polls);
  skeleton->rodata->with_filter = options.filter != nullptr ? 1 : 0;
  if (options.filter != nullptr) {
    bpf_program__set_autoattach(skeleton->progs.count_drop, false);
  }
  int failed = drops_bpf::load(skeleton.get());
  if (failed != 0) return refused("load the drops probe", -failed, kNeeds);
  failed = drops_bpf::attach(skeleton.get());
  if (failed != 0) return refused("attach the drops probe to kfree_skb", -failed, kNeeds);
  Attachment attachment{.skeleton = skeleton, .filtered = nullptr};
  if (options.filter != nullptr) {
    attachment.filtered = TRY(attach_filtered(skeleton, *options.filter));
  }
  return attachment;
}

}  // namespace

base::Result<Attached> attach_by_btf(const Options& options, const host::DropReasons& reasons) {
  auto loaded = load_and_attach(options, reasons, true);
  // The polls are worth knowing, but not a lower rung.
  if (!loaded) loaded = load_and_attach(options, reasons, false);
  const auto attachment = TRY(std::move(loaded));
  const auto& skeleton = attachment.skeleton;
  Attached attached{.rung = Rung::kBtf};
  if (skeleton->links.count_poll != nullptr) {
    attached.polls = napi::read_polls_of(skeleton, bpf_map__fd(skeleton->maps.polls));
  }
  auto books = drops::loaded(skeleton, name(Rung::kBtf));
  if (attachment.filtered) {
    books.program = attachment.filtered->program.get();
    books.object = attachment.filtered;
  }
  if (options.stacks_per_second > 0) {
    books.stack_counts = bpf_map__fd(skeleton->maps.stack_counts);
    books.stack_traces = bpf_map__fd(skeleton->maps.stack_traces);
  }
  if (options.most_flows > 0) {
    books.flows = {.even = bpf_map__fd(skeleton->maps.flows_even),
                   .odd = bpf_map__fd(skeleton->maps.flows_odd),
                   .turn = &skeleton->bss->flows_turn};
  }
  attached.probe = TRY(read_books_of(std::move(books), options));
  return attached;
}

}  // namespace probes::drops
