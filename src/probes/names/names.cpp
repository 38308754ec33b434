#include "probes/names/names.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "probes/names/names.skel.h"

namespace probes::names {
namespace {

struct DestroySkeleton {
  void operator()(names_bpf* skeleton) const { names_bpf::destroy(skeleton); }
};
using Skeleton = std::unique_ptr<names_bpf, DestroySkeleton>;

int keep_quiet(libbpf_print_level /*level*/, const char* /*format*/, va_list /*arguments*/) {
  return 0;
}

// "udp_rcv+0x17/0x2d0", "ipt_do_table+0x2b/0x680 [ip_tables]", or the number where it has no name.
std::string name_of(const names_bpf& skeleton, std::uint64_t address) {
  LIBBPF_OPTS(bpf_test_run_opts, run);
  run.ctx_in = &address;
  run.ctx_size_in = sizeof address;
  const int program = bpf_program__fd(skeleton.progs.name_address);
  if (bpf_prog_test_run_opts(program, &run) != 0) return {};
  const auto& name = skeleton.bss->name;
  return {name, strnlen(name, sizeof name)};
}

}  // namespace

base::Result<host::Symbols> symbols_from_kernel() {
  const auto print_before = libbpf_set_print(keep_quiet);
  Skeleton skeleton(names_bpf::open_and_load());
  const int error = errno;
  libbpf_set_print(print_before);
  if (!skeleton) {
    return base::system_failure("load the program that names kernel functions", error,
                                "CAP_BPF and CAP_PERFMON, and a kernel of 5.13 or later");
  }
  const auto shared = std::shared_ptr<names_bpf>(std::move(skeleton));
  return host::Symbols::asking(
      [shared](std::uint64_t address) { return name_of(*shared, address); });
}

}  // namespace probes::names
