/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tally of drops, exact, one table per CPU: what the programs of all rungs write into.
 *
 * At 1.5 million drops a second on one core, each 7 ns cost a hundredth of the throughput. So the
 * tally is one look-up of a per-CPU value and an open-addressed search in it (a hash map of the
 * kernel's costs about twice as much), and the clock is read once per tick.
 */
#pragma once

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "probes/drops/drops.wire.h"

/* Set before loading. Bit N of `no_drop_reasons`: reason N is the end of a packet that was not lost
 * (SKB_CONSUMED). Such ends go to another tracepoint; should one come here, it is no loss. */
const volatile __u64 no_drop_reasons = 0;
const volatile __u32 sample_mask = 1023;
const volatile __u32 samples_per_budget = 100;
const volatile __u32 with_stacks = 1;
/* For a trace: while half of the budget is there, every drop is sampled; the other half is left to
 * the first of each key in each slot of 10 ms, so that a storm at one place hides no other. */
const volatile __u32 sample_all = 0;

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct DropTable);
} tables SEC(".maps");

/* Sized for the host before loading. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
} openings SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, kDropSampleRingBytes);
} samples SEC(".maps");

/* The slot changes at most once per tick, so the clock is read once per tick. */
static __always_inline void keep_time(struct DropTable* table) {
  __u64 jiffies = bpf_jiffies64();

  if (table->jiffies == jiffies) return;
  table->jiffies = jiffies;
  table->slot = bpf_ktime_get_ns() / kDropSlotNs;
  if (table->slot - table->budget_slot >= kDropBudgetSlots) {
    table->budget_slot = table->slot;
    table->budget_used = 0;
  }
}

/* A key is hashed and compared as three words. */
typedef __u64 __attribute__((may_alias)) word;
_Static_assert(sizeof(struct DropKey) == 3 * sizeof(word), "a key is three words");

static __always_inline __u32 bucket_of(const word* key) {
  __u64 mixed = key[0] * 0x9e3779b97f4a7c15ULL;

  mixed ^= key[1] * 0xc2b2ae3d27d4eb4fULL;
  mixed ^= key[2] * 0x165667b19e3779f9ULL;
  return (mixed >> 32) * kDropBuckets >> 32;
}

/* The key's cell, taken now if it has none; NULL where its stretch of the table is full. */
static __always_inline struct DropCell* cell_of(struct DropTable* table, const struct DropKey* key,
                                                __u32* index) {
  const word* wanted = (const word*)key;
  __u32 bucket = bucket_of(wanted);

  for (__u32 probe = 0; probe < kDropProbes; probe++) {
    struct DropCell* cell = &table->cells[bucket + probe];
    volatile word* found = (volatile word*)&cell->key;

    *index = bucket + probe;
    if (found[0] == wanted[0] && found[1] == wanted[1] && found[2] == wanted[2]) return cell;
    if (found[0] == 0) {
      /* The word that makes it taken comes last: user space may be reading. */
      found[2] = wanted[2];
      found[1] = wanted[1];
      found[0] = wanted[0];
      return cell;
    }
  }
  return NULL;
}

static __always_inline void open_slot(struct DropTable* table, struct DropCell* cell, __u32 index) {
  struct DropOpening* opening;

  cell->slot = table->slot;
  cell->opened++;
  opening = bpf_ringbuf_reserve(&openings, sizeof(*opening), 0);
  if (!opening) {
    table->openings_left_out++;
    return;
  }
  opening->cell = index;
  opening->cpu = bpf_get_smp_processor_id();
  opening->slot = cell->slot;
  opening->opened = cell->opened;
  opening->padding = 0;
  opening->packets = cell->packets;
  opening->bytes = cell->bytes;
  opening->truesize = cell->truesize;
  bpf_ringbuf_submit(opening, BPF_RB_NO_WAKEUP);
}

static __always_inline bool is_new_slot(const struct DropTable* table,
                                        const struct DropCell* cell) {
  return cell->opened == 0 || cell->slot != table->slot;
}

static __always_inline int outside(struct DropTable* table, __u32 packets) {
  table->outside_events++;
  table->outside_packets += packets;
  return 0;
}

static __always_inline bool wants_sample(const struct DropTable* table, const struct DropCell* cell,
                                         bool opened_slot) {
  if (sample_all && (opened_slot || table->budget_used < samples_per_budget / 2)) return true;
  return cell->events < kDropFirstSamples || (cell->events & sample_mask) == 0;
}

/* A sample with what needs no packet; NULL where there is no budget or no room for it. The caller
 * fills in the rest and submits it. */
static __always_inline struct DropSample* open_sample(void* context, struct DropTable* table,
                                                      const struct DropCell* cell, __u32 index) {
  struct DropSample* sample = NULL;
  long stack_bytes = 0;

  if (table->budget_used < samples_per_budget)
    sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);
  if (!sample) {
    table->samples_left_out++;
    return NULL;
  }
  table->budget_used++;
  sample->time_ns = bpf_ktime_get_ns();
  sample->cell = index;
  sample->cpu = bpf_get_smp_processor_id();
  sample->packets = cell->packets;
  sample->own_packets = 1;
  bpf_get_current_comm(sample->comm, sizeof(sample->comm));
  if (with_stacks) stack_bytes = bpf_get_stack(context, sample->stack, sizeof(sample->stack), 0);
  sample->frames = stack_bytes > 0 ? stack_bytes / sizeof(__u64) : 0;
  return sample;
}

static __always_inline bool is_drop(__u32 reason) {
  return reason >= 64 || !(no_drop_reasons >> reason & 1);
}
