/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every kfree_skb of the host, tallied exactly, on a kernel without BTF: the classic tracepoint,
 * whose record tracefs describes. The record holds the packet's address but nothing says where the
 * packet's fields lie, so only place, reason and protocol are known.
 */
#include "probes/drops/table.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { kRecordBytes = 64, kNoField = 0xffff };

/* Where the fields lie, as tracefs says, set before loading; reason is kNoField before 5.17. */
const volatile __u32 location_offset = 16;
const volatile __u32 protocol_offset = 24;
const volatile __u32 reason_offset = kNoField;

SEC("tracepoint")
int count_drop(void* record) {
  /* Copied, since older verifiers refuse a load from the context at an offset that is not written
   * in the instruction. The words before the fields are the kernel's own. */
  __u64 copy[kRecordBytes / sizeof(__u64)] = {};
  struct DropKey key = {};
  __u32 zero = 0, index = 0;
  struct DropSample* sample;
  struct DropTable* table;
  struct DropCell* cell;
  bool opened_slot;

  if (bpf_probe_read_kernel(copy, sizeof(copy), record) != 0) return 0;
  if (location_offset > kRecordBytes - 8 || protocol_offset > kRecordBytes - 2) return 0;
  key.location = *(__u64*)((char*)copy + location_offset);
  key.protocol = *(__u16*)((char*)copy + protocol_offset);
  if (reason_offset <= kRecordBytes - 4) key.reason = *(__u32*)((char*)copy + reason_offset);
  if (!is_drop(key.reason)) return 0;
  table = bpf_map_lookup_elem(&tables, &zero);
  if (!table) return 0;
  keep_time(table);
  cell = cell_of(table, &key, &index);
  if (!cell) return outside(table, 1);
  opened_slot = is_new_slot(table, cell);
  if (opened_slot) open_slot(table, cell, index);
  sample = wants_sample(table, cell, opened_slot) ? open_sample(record, table, cell, index) : NULL;
  if (sample) {
    sample->socket_cookie = 0;
    sample->socket_inode = 0;
    sample->cgroup = 0;
    sample->length = 0;
    sample->receive_queue = 0;
    sample->receive_buffer = 0;
    sample->header_bytes = 0;
    sample->header_kind = kDropHeadersNone;
    bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
  }
  cell->events++;
  cell->packets++;
  return 0;
}
