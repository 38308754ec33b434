/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the tests: runs a filter on bytes that user space has put into a map. */
#include "filter/filter.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* No byte more than a filter may see, so that the verifier finds one that looks further. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u8[kFilterPacketBytes]);
} trial_packet SEC(".maps");

SEC("raw_tp")
int try_packet(__u64* context) {
  __u32 zero = 0;
  __u8* bytes = bpf_map_lookup_elem(&trial_packet, &zero);

  return bytes && ask_filter(bytes, context[0], context[1]);
}
