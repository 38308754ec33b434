#include "host/bpf_programs.h"

#include <bpf/bpf.h>
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/descriptor.h"

namespace host {
namespace {

// BPF_TCX_INGRESS and BPF_TCX_EGRESS of enum bpf_attach_type, since 6.6.
constexpr int kTcxIngressType = 46;
constexpr int kTcxEgressType = 47;
// BPF_MPROG_MAX: no more fit into one hook of one device (kernel/bpf/mprog.c).
constexpr std::uint32_t kMostPrograms = 64;

// EPERM alone does not tell the operator what is missing.
std::string hint_of(int error_number, const char* hint) {
  return error_number == EPERM || error_number == EACCES ? hint : "";
}

// As bpftool spells them, by the numbers of enum bpf_prog_type and enum bpf_link_type.
constexpr auto kProgramTypes = std::to_array<std::string_view>({
    "unspec",
    "socket_filter",
    "kprobe",
    "sched_cls",
    "sched_act",
    "tracepoint",
    "xdp",
    "perf_event",
    "cgroup_skb",
    "cgroup_sock",
    "lwt_in",
    "lwt_out",
    "lwt_xmit",
    "sock_ops",
    "sk_skb",
    "cgroup_device",
    "sk_msg",
    "raw_tracepoint",
    "cgroup_sock_addr",
    "lwt_seg6local",
    "lirc_mode2",
    "sk_reuseport",
    "flow_dissector",
    "cgroup_sysctl",
    "raw_tracepoint_writable",
    "cgroup_sockopt",
    "tracing",
    "struct_ops",
    "ext",
    "lsm",
    "sk_lookup",
    "syscall",
    "netfilter",
});
constexpr auto kLinkTypes = std::to_array<std::string_view>(
    {"unspec", "raw_tracepoint", "tracing", "cgroup", "iter", "netns", "xdp", "perf_event",
     "kprobe_multi", "struct_ops", "netfilter", "tcx", "uprobe_multi", "netkit", "sockmap"});
constexpr std::uint32_t kNetfilterLink = 10;
constexpr std::uint32_t kTcxLink = 11;

std::string type_name(std::span<const std::string_view> names, std::uint32_t type) {
  return type < names.size() ? std::string(names[type]) : std::to_string(type);
}

// A link of a newer kind has the number of its device, or its protocol family and hook, where one
// of xdp has its device.
std::string place_of(const bpf_link_info& info) {
  const auto type = type_name(kLinkTypes, info.type);
  if (info.type == BPF_LINK_TYPE_XDP || info.type == kTcxLink) {
    return fmt::format("{} ifindex {}", type, info.xdp.ifindex);
  }
  if (info.type == BPF_LINK_TYPE_CGROUP) {
    return fmt::format("{} {} type {}", type, info.cgroup.cgroup_id, info.cgroup.attach_type);
  }
  if (info.type == BPF_LINK_TYPE_NETNS) return fmt::format("{} {}", type, info.netns.netns_ino);
  if (info.type == kNetfilterLink) return fmt::format("{} pf {}", type, info.xdp.ifindex);
  return type;
}

base::Result<std::vector<std::uint32_t>> all_ids(const char* doing,
                                                 int (*next)(std::uint32_t, std::uint32_t*)) {
  std::vector<std::uint32_t> ids;
  std::uint32_t id = 0;
  while (next(id, &id) == 0) ids.push_back(id);
  if (errno == ENOENT) return ids;
  return base::system_failure(doing, errno, hint_of(errno, "CAP_SYS_ADMIN"));
}

}  // namespace

base::Result<BpfProgram> read_bpf_program(std::uint32_t id) {
  const base::Descriptor program(bpf_prog_get_fd_by_id(id));
  const std::string doing = "look at BPF program " + std::to_string(id);
  constexpr auto kHint = "CAP_SYS_ADMIN";
  if (!program.is_open()) return base::system_failure(doing, errno, hint_of(errno, kHint));
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) {
    return base::system_failure(doing, errno, hint_of(errno, kHint));
  }
  BpfProgram found;
  const std::string_view name(info.name, sizeof info.name);
  found.name = name.substr(0, name.find('\0'));
  for (const auto byte : info.tag) found.tag += fmt::format("{:02x}", byte);
  found.type = type_name(kProgramTypes, info.type);
  found.loaded_ns = info.load_time;
  found.runs = info.run_cnt;
  found.run_ns = info.run_time_ns;
  found.recursion_misses = info.recursion_misses;
  return found;
}

base::Result<std::vector<std::uint32_t>> list_bpf_programs() {
  return all_ids("list BPF programs", bpf_prog_get_next_id);
}

base::Result<std::vector<BpfLink>> list_bpf_links() {
  std::vector<BpfLink> links;
  for (const auto id : TRY(all_ids("list BPF links", bpf_link_get_next_id))) {
    const base::Descriptor link(bpf_link_get_fd_by_id(id));
    bpf_link_info info{};
    std::uint32_t size = sizeof info;
    // One that is gone meanwhile holds nothing.
    if (!link.is_open() || bpf_obj_get_info_by_fd(link.get(), &info, &size) != 0) continue;
    links.push_back({.program = info.prog_id, .place = place_of(info)});
  }
  return links;
}

base::Result<std::vector<std::uint32_t>> read_cgroup_programs(const std::string& folder,
                                                              CgroupHook hook) {
  const base::Descriptor group(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!group.is_open()) return base::system_failure("open " + folder, errno);
  std::array<std::uint32_t, kMostPrograms> ids{};
  std::uint32_t count = kMostPrograms;
  std::uint32_t flags = 0;
  const auto type = hook == CgroupHook::kIngress ? BPF_CGROUP_INET_INGRESS : BPF_CGROUP_INET_EGRESS;
  if (bpf_prog_query(group.get(), type, 0, &flags, ids.data(), &count) != 0) {
    return base::system_failure("list the programs of " + folder, errno,
                                hint_of(errno, "CAP_NET_ADMIN"));
  }
  return std::vector<std::uint32_t>(ids.begin(), ids.begin() + count);
}

base::Result<std::vector<std::uint32_t>> read_tcx(std::uint32_t ifindex, TcxHook hook) {
  std::array<std::uint32_t, kMostPrograms> ids{};
  struct bpf_prog_query_opts options{
      .sz = sizeof options, .prog_ids = ids.data(), .prog_cnt = kMostPrograms};
  // The device's number stands where other hooks have a descriptor (union in the system call).
  const int type = hook == TcxHook::kIngress ? kTcxIngressType : kTcxEgressType;
  // libbpf's header is older than tcx. NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  const auto attach_type = static_cast<bpf_attach_type>(type);
  const int error = bpf_prog_query_opts(static_cast<int>(ifindex), attach_type, &options);
  if (error == -EINVAL) return std::vector<std::uint32_t>{};
  if (error != 0) {
    return base::system_failure("list the tcx programs of a device", -error,
                                hint_of(-error, "CAP_NET_ADMIN"));
  }
  return std::vector<std::uint32_t>(ids.begin(), ids.begin() + options.prog_cnt);
}

}  // namespace host
