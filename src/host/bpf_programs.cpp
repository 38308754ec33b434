#include "host/bpf_programs.h"

#include <bpf/bpf.h>

#include <array>
#include <cerrno>
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
  return found;
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
