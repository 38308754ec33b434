/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who called: a count for each call stack.
 *
 * Unwinding costs about a microsecond, two thirds of what a drop in a storm has. So each CPU may
 * unwind some drops in a slot of 10 ms; when they are used up, the share that is unwound is halved,
 * and a slot that used few of them doubles it again. Which ones is drawn by lot, and the share is
 * known before, so each stands for as many as the share says (Horvitz and Thompson, 1952): sums of
 * weights are right on the average, and how far off they may be is a sum, too.
 */
#pragma once

#include "probes/drops/table.bpf.h"

const volatile __u32 stacks_per_slot = 0; /* 0: none are counted */

/* Sized before loading, where stacks are wanted. */
struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 1);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, kDropFrames * sizeof(__u64));
} stack_traces SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(max_entries, 1);
  __type(key, struct DropStackKey);
  __type(value, struct DropStackCount);
} stack_counts SEC(".maps");

static __always_inline void settle_share(struct DropTable* table) {
  if (table->stack_slot == table->slot) {
    if (table->stacks_in_slot < stacks_per_slot) return;
    if (table->stack_level < kDropStackLevels) table->stack_level++;
  } else if (table->stacks_in_slot < stacks_per_slot / 4 && table->stack_level > 0) {
    table->stack_level--;
  }
  table->stack_slot = table->slot;
  table->stacks_in_slot = 0;
}

/* Knuth's linear congruential generator: a helper call for each drop would cost more than all the
 * rest of it. Its high bits are the good ones. */
static __always_inline __u32 draw(struct DropTable* table) {
  table->lot = table->lot * 6364136223846793005ULL + 1442695040888963407ULL;
  return table->lot >> 32;
}

static __always_inline void add_stack(struct DropTable* table, const struct DropStackKey* key,
                                      __u64 weight, __u32 packets) {
  struct DropStackCount fresh = {};
  struct DropStackCount* count = bpf_map_lookup_elem(&stack_counts, key);

  if (!count) {
    bpf_map_update_elem(&stack_counts, key, &fresh, BPF_NOEXIST);
    count = bpf_map_lookup_elem(&stack_counts, key);
  }
  if (!count) {
    table->stacks_outside += weight * packets;
    return;
  }
  count->packets += weight * packets;
  count->open += weight * (weight - 1) * packets * packets;
}

static __always_inline void count_stack(void* context, struct DropTable* table,
                                        const struct DropKey* place, __u32 packets) {
  struct DropStackKey key = {.place = *place};
  __u64 weight;
  long stack;

  settle_share(table);
  weight = 1ULL << (table->stack_level & 31);
  if (weight > 1 && (draw(table) & (weight - 1)) != 0) return;
  table->stacks_in_slot++;
  stack = bpf_get_stackid(context, &stack_traces, BPF_F_FAST_STACK_CMP);
  if (stack < 0) {
    table->stacks_outside += weight * packets;
    return;
  }
  key.stack = stack;
  add_stack(table, &key, weight, packets);
}
