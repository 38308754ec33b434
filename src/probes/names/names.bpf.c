/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's own name for an address of its code, where /proc/kallsyms shows no addresses.
 *
 * %pS says symbol, offset and module, and hides nothing (lib/vsprintf.c: kptr_restrict is about
 * numbers). bpf_snprintf came with 5.13. The program is never attached: it is run on demand, one
 * address a run.
 */
#include "probes/kernel.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
  kNameBytes = 256
}; /* a symbol has up to 127 (511 since 6.1), an offset 2 * 10, a module 55 */

char name[kNameBytes];

SEC("raw_tp")
int name_address(__u64* context) {
  __u64 address = context[0];
  bpf_snprintf(name, sizeof name, "%pS", &address, sizeof address);
  return 0;
}
