/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel half of a filter: does this packet match?
 *
 *     if (with_filter && !skb_matches(skb)) return 0;
 *
 * packet_matches() is a stub: insertion.h loads the program a second time with the user's filter in
 * its place. What it is given is a copy of the packet's first bytes, laid out as on the wire, since
 * that is what the language of filters speaks of: an Ethernet header is made up where the packet
 * has none, and a VLAN tag that the card or the kernel took off is put back.
 *
 * All bytes come by one bpf_probe_read_kernel of constant length. It may reach beyond the packet's
 * linear part, but not beyond its memory: at skb->end stands struct skb_shared_info, 320 bytes. How
 * many bytes are the packet's is told apart.
 *
 * One program of an object may use this: the buffer is one per CPU, and the kernel keeps a program
 * from interrupting itself, but not from being interrupted by another.
 */
#pragma once

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "filter/packet.wire.h"

/* Set before loading. */
const volatile __u32 with_filter = 0;

/* The ending ___filter is none of the kernel's: so a program may have its own idea of an sk_buff.
 */
struct sk_buff___filter {
  unsigned int len;
  __be16 protocol;
  __u16 network_header;
  __u16 mac_header;
  unsigned int tail;
  unsigned char* head;
  unsigned char* data;
  __be16 vlan_proto;
  __u16 vlan_tci;
} __attribute__((preserve_access_index));

/* Until 6.1 a bit said whether there is a tag; since then, protocol and tag of none are 0. */
struct sk_buff___vlan_bit {
  __u8 vlan_present : 1;
} __attribute__((preserve_access_index));

struct FilterBuffer {
  __u8 bytes[kFilterRoomBytes + kFilterPacketBytes];
} __attribute__((aligned(8)));

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct FilterBuffer);
} filter_buffers SEC(".maps");

/* Everything matches until a filter takes this place. The compiler is not told what is in here, so
 * it does not guess the answer. */
static __noinline int packet_matches(const __u8* packet, __u32 captured, __u32 length) {
  int verdict = kFilterStubMark;

  asm volatile("" : "+r"(verdict) : "r"(packet), "r"(captured), "r"(length));
  return verdict;
}

/* An argument that is the same for all callers would be moved into the stub, and a filter would
 * miss it: the compiler must not know what it passes. */
static __always_inline bool ask_filter(const __u8* packet, __u32 captured, __u32 length) {
  asm volatile("" : "+r"(packet), "+r"(captured), "+r"(length));
  return packet_matches(packet, captured, length);
}

struct FilterView {
  const unsigned char* from; /* the first header that the packet has, NULL for none */
  bool is_ethernet;
  bool is_tagged;
};

/* 0 and ~0 both mean "not set" for the network header; an unset link header is ~0. A link header
 * that does not stand right before the network header is that of a packet around this one, or is no
 * Ethernet header. */
static __always_inline void find_headers(struct FilterView* view,
                                         const struct sk_buff___filter* skb) {
  __u16 network = skb->network_header, link = skb->mac_header;
  const unsigned char* head = skb->head;

  if (network == 0 || network == 0xffff) {
    view->is_ethernet = true;
    view->from = link != 0xffff ? head + link : NULL;
    return;
  }
  view->is_ethernet = link != 0xffff && network - link == kFilterEthernetBytes;
  view->from = head + (view->is_ethernet ? link : network);
}

static __always_inline bool has_tag(const struct sk_buff___filter* skb) {
  const struct sk_buff___vlan_bit* old = (const void*)skb;

  if (bpf_core_field_exists(old->vlan_present)) return BPF_CORE_READ_BITFIELD(old, vlan_present);
  return skb->vlan_proto != 0 || skb->vlan_tci != 0;
}

/* Room for what is put before the packet's own bytes. */
static __always_inline __u32 room_before(const struct FilterView* view) {
  return (view->is_ethernet ? 0 : kFilterEthernetBytes) + (view->is_tagged ? kFilterVlanBytes : 0);
}

/* The map's value is aligned, and so are the two addresses in it: three words are both of them. */
static __always_inline void put_before(struct FilterBuffer* buffer, const struct FilterView* view,
                                       const struct sk_buff___filter* skb) {
  __u32* words = (void*)buffer->bytes;
  __be16* halves = (void*)buffer->bytes;

  if (!view->is_ethernet) {
    words[0] = words[1] = words[2] = 0;
  } else if (view->is_tagged) {
    words[0] = words[1];
    words[1] = words[2];
    words[2] = words[3];
  }
  if (view->is_tagged) {
    halves[6] = skb->vlan_proto;
    halves[7] = __builtin_bswap16(skb->vlan_tci);
  }
  if (!view->is_ethernet) halves[view->is_tagged ? 8 : 6] = skb->protocol;
}

/* `skb` is a pointer to a struct sk_buff that the program may read through. */
static __always_inline bool skb_matches(const void* packet) {
  const struct sk_buff___filter* skb = packet;
  struct FilterView view = {.is_tagged = has_tag(skb)};
  __u32 zero = 0, room, captured = 0;
  const unsigned char* end = skb->head + skb->tail;
  struct FilterBuffer* buffer;

  find_headers(&view, skb);
  buffer = bpf_map_lookup_elem(&filter_buffers, &zero);
  if (!buffer || !view.from) return false;
  room = room_before(&view);
  if (bpf_probe_read_kernel(buffer->bytes + room, kFilterPacketBytes, view.from) != 0) return false;
  put_before(buffer, &view, skb);
  if (end > view.from) captured = end - view.from;
  captured += room;
  if (captured > kFilterPacketBytes) captured = kFilterPacketBytes;
  return ask_filter(buffer->bytes, captured, skb->len + (skb->data - view.from) + room);
}
