// Names of kernel functions without /proc/kallsyms: whoever may trace (CAP_BPF, CAP_PERFMON) may
// ask the kernel for them one by one. names.bpf.c is the kernel half.
#pragma once

#include "base/error.h"
#include "host/symbols.h"

namespace probes::names {

// Keeps the program loaded as long as the symbols live; running it needs no right any more. Error:
// the kernel refused it (before 5.13 it has no bpf_snprintf; EPERM names the capabilities).
[[nodiscard]] base::Result<host::Symbols> symbols_from_kernel();

}  // namespace probes::names
