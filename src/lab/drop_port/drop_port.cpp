// XDP and tc by netlink, tcx by BPF_PROG_ATTACH: none of them hangs on a descriptor of ours, so the
// program outlives this process, and goes with the device.
#include "lab/drop_port/drop_port.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "lab/drop_port/drop_port.skel.h"

namespace lab {
namespace {

// BPF_TCX_INGRESS and BPF_TCX_EGRESS of enum bpf_attach_type, since 6.6.
constexpr int kTcxIngressType = 46;
constexpr int kTcxEgressType = 47;

constexpr auto kHooks = std::to_array<std::pair<std::string_view, Hook>>({
    {"xdp-generic", Hook::kXdpGeneric},
    {"xdp-native", Hook::kXdpNative},
    {"tc-ingress", Hook::kTcIngress},
    {"tc-egress", Hook::kTcEgress},
    {"tcx-ingress", Hook::kTcxIngress},
    {"tcx-egress", Hook::kTcxEgress},
});

using Object = std::unique_ptr<drop_port_bpf, decltype(&drop_port_bpf__destroy)>;

bool is_xdp(Hook hook) {
  return hook == Hook::kXdpGeneric || hook == Hook::kXdpNative;
}

base::Result<Object> loaded(Hook hook, std::uint16_t udp_port) {
  Object object(drop_port_bpf__open(), drop_port_bpf__destroy);
  if (!object) return base::system_failure("open the program of the fault", errno);
  object->rodata->port_to_drop = udp_port;
  bpf_program__set_autoload(object->progs.lab_xdp_drop, is_xdp(hook));
  bpf_program__set_autoload(object->progs.lab_tc_drop, !is_xdp(hook));
  const int error = drop_port_bpf__load(object.get());
  if (error != 0) return base::system_failure("load the program of the fault", -error);
  return object;
}

int attach_by_tc(int program, int ifindex, bpf_tc_attach_point point) {
  bpf_tc_hook hook{.sz = sizeof hook, .ifindex = ifindex, .attach_point = point};
  // An old clsact that is there already is as good.
  const int made = bpf_tc_hook_create(&hook);
  if (made != 0 && made != -EEXIST) return made;
  bpf_tc_opts options{.sz = sizeof options, .prog_fd = program};
  return bpf_tc_attach(&hook, &options);
}

int attach(Hook hook, const drop_port_bpf& object, int ifindex) {
  const int xdp = bpf_program__fd(object.progs.lab_xdp_drop);
  const int tc = bpf_program__fd(object.progs.lab_tc_drop);
  const auto tcx = [&](int type) {
    return bpf_prog_attach(tc, ifindex, static_cast<bpf_attach_type>(type), 0);
  };
  switch (hook) {
    case Hook::kXdpGeneric:
      return bpf_xdp_attach(ifindex, xdp, XDP_FLAGS_SKB_MODE, nullptr);
    case Hook::kXdpNative:
      return bpf_xdp_attach(ifindex, xdp, XDP_FLAGS_DRV_MODE, nullptr);
    case Hook::kTcIngress:
      return attach_by_tc(tc, ifindex, BPF_TC_INGRESS);
    case Hook::kTcEgress:
      return attach_by_tc(tc, ifindex, BPF_TC_EGRESS);
    case Hook::kTcxIngress:
      return tcx(kTcxIngressType);
    case Hook::kTcxEgress:
      return tcx(kTcxEgressType);
  }
  return -EINVAL;
}

}  // namespace

std::vector<std::string> hook_names() {
  std::vector<std::string> names;
  for (const auto& [name, hook] : kHooks) names.emplace_back(name);
  return names;
}

std::optional<Hook> hook_named(std::string_view name) {
  const auto* found = std::ranges::find(kHooks, name, &std::pair<std::string_view, Hook>::first);
  return found == kHooks.end() ? std::nullopt : std::optional(found->second);
}

base::Status attach_drop_port(Hook hook, const std::string& device, std::uint16_t udp_port) {
  const auto ifindex = static_cast<int>(if_nametoindex(device.c_str()));
  if (ifindex == 0) return base::system_failure("find device " + device, errno);
  libbpf_set_print(nullptr);
  const auto object = TRY(loaded(hook, udp_port));
  const int error = attach(hook, *object, ifindex);
  if (error != 0) return base::system_failure("attach to device " + device, -error);
  return {};
}

}  // namespace lab
