// The first rung: types of the running kernel from its BTF.
#include <cerrno>

#include "probes/drops/bpf_probe.h"
#include "probes/drops/drops.skel.h"
#include "probes/drops/rungs.h"

namespace probes::drops {
namespace {

constexpr const char* kNeeds = "needs a kernel of 5.10 or later with CONFIG_DEBUG_INFO_BTF";

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

}  // namespace

base::Result<std::unique_ptr<Probe>> attach_by_btf(const Options& options,
                                                   const host::DropReasons& reasons) {
  hear_libbpf();
  const std::shared_ptr<drops_bpf> skeleton(drops_bpf::open(), drops_bpf::destroy);
  if (!skeleton) return refused("open the drops probe", errno, kNeeds);
  tell(*skeleton, options, reasons);
  skeleton->rodata->socket_reasons = socket_reasons(reasons);
  skeleton->rodata->no_socket_reason = number_of(reasons, "NO_SOCKET");
  int failed = drops_bpf::load(skeleton.get());
  if (failed != 0) return refused("load the drops probe", -failed, kNeeds);
  failed = drops_bpf::attach(skeleton.get());
  if (failed != 0) return refused("attach the drops probe to kfree_skb", -failed, kNeeds);
  return read_books_of(loaded(skeleton, "tp_btf"));
}

}  // namespace probes::drops
