/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every kfree_skb of the host, tallied exactly; a thinning share of them sampled.
 *
 * The first rung: types come from the running kernel's BTF, so every field of a packet can be read.
 * Whatever is dear (headers, stack, socket) is done for samples only.
 *
 * The kernel skips a program that already runs on the CPU (a drop inside a drop); it counts those
 * in recursion_misses, and that is the only way a drop escapes the books.
 */
#include "probes/kernel.bpf.h"

#include "filter/filter.bpf.h"
#include "probes/drops/flows.bpf.h"
#include "probes/drops/stacks.bpf.h"
#include "probes/drops/table.bpf.h"
#include "probes/napi/napi.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Bit N: reason N is said only where a socket refuses a packet that was meant for it. */
const volatile __u64 socket_reasons = 0;
/* The number of NO_SOCKET; 0 where the kernel gives no reasons. */
const volatile __u32 no_socket_reason = 0;
/* The tracepoint's arguments grew: the reason came with 5.17, the receiving socket with 6.11. */
enum skb_drop_reason___any {
  SKB_DROP_REASON_NOT_SPECIFIED___any,
};
typedef void (*btf_trace_kfree_skb___with_reason)(void*, struct sk_buff*, void*,
                                                  enum skb_drop_reason___any reason);
typedef void (*btf_trace_kfree_skb___with_socket)(void*, struct sk_buff*, void*,
                                                  enum skb_drop_reason___any reason, struct sock*);

struct drop {
  struct sk_buff* skb;
  struct sock* receiver; /* the socket it was meant for, or NULL */
  struct DropKey key;
};

/* The socket that the packet was for, else the one that it came from. */
static __always_inline struct sock* socket_of(const struct drop* drop) {
  struct sk_buff* skb = drop->skb;

  return drop->receiver ? drop->receiver : BPF_CORE_READ(skb, sk);
}

/* Request and time-wait sockets have only the common head. */
static __always_inline bool is_full_socket(unsigned char state) {
  return state != kTcpTimeWait && state != kTcpNewSynRecv;
}

static __always_inline __u16 udp_port(const struct sock* sk) {
  unsigned short family = sk->__sk_common.skc_family;

  if (family != kAfInet && family != kAfInet6) return 0;
  if (!is_full_socket(sk->__sk_common.skc_state) || sk->sk_protocol != kIpprotoUdp) return 0;
  return sk->__sk_common.skc_num;
}

/* Before 6.11 the event does not name the receiving socket; but what a UDP socket refused was
 * meant for its port. Only asked where a socket refused, so a scan of ports takes no cells. */
static __always_inline __u16 refused_udp_port(const struct sk_buff* skb) {
  unsigned char* network = skb->head + skb->network_header;
  bool v6 = skb->protocol == __builtin_bswap16(0x86dd);
  __u8 protocol = 0;
  __be16 port = 0;

  bpf_probe_read_kernel(&protocol, sizeof(protocol), network + (v6 ? 6 : 9));
  if (protocol != kIpprotoUdp) return 0;
  bpf_probe_read_kernel(&port, sizeof(port), skb->head + skb->transport_header + 2);
  return __builtin_bswap16(port);
}

/* A SYN without ACK asks for a listener; any other segment that no socket takes belongs to a
 * connection that is gone. Behind IPv6 extension headers only UDP and ICMP are told apart. */
static __always_inline bool opens_connection(const struct sk_buff* skb) {
  unsigned char* network = skb->head + skb->network_header;
  bool v6 = skb->protocol == __builtin_bswap16(0x86dd);
  __u8 protocol = 0, flags = 0;

  bpf_probe_read_kernel(&protocol, sizeof(protocol), network + (v6 ? 6 : 9));
  if (protocol == kIpprotoUdp || protocol == kIpprotoIcmpv6) return false;
  if (!v6 && protocol != kIpprotoTcp) return false;
  bpf_probe_read_kernel(&flags, sizeof(flags), skb->head + skb->transport_header + 13);
  return (flags & (kTcpFlagSyn | kTcpFlagAck | kTcpFlagRst)) == kTcpFlagSyn;
}

/* Before 5.17: what no socket took may be among all that is dropped. */
static __always_inline bool has_no_reasons(void) {
  return !bpf_core_type_matches(btf_trace_kfree_skb___with_socket) &&
         !bpf_core_type_matches(btf_trace_kfree_skb___with_reason);
}

/* skb->dev shares its memory with dev_scratch (UDP receive queues) and rbnode (TCP and fragment
 * queues): what is read there may be no device. A namespace whose loopback device says that it
 * belongs to that namespace can be believed, and so can the device that led to it. */
static __always_inline struct net* namespace_of_device(const struct net_device* dev) {
  struct net* net = dev->nd_net.net;
  struct net_device* loopback = net->loopback_dev;

  return loopback->nd_net.net == net && loopback->ifindex == 1 ? net : NULL;
}

/* From the device where it can be believed (its ifindex belongs to its namespace), else from the
 * socket; the head is common to all kinds of sockets, so skc_net is right for the small ones too.
 * Sockets are read by BPF_CORE_READ, although a plain load would do: since 6.2 each load of a
 * pointer through a trusted pointer makes the verifier search the BTF by name, four times, a
 * millisecond each (btf_nested_type_is_trusted). */
static __always_inline void set_place(struct drop* drop) {
  struct net_device* dev = drop->skb->dev;
  struct net* net = dev ? namespace_of_device(dev) : NULL;
  struct sock* sk;

  if (net) {
    drop->key.ifindex = dev->ifindex;
    drop->key.netns = net->ns.inum;
  } else {
    sk = socket_of(drop);
    drop->key.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  }
  if (drop->receiver)
    drop->key.port = udp_port(drop->receiver);
  else if (drop->key.reason < 64 && socket_reasons >> drop->key.reason & 1)
    drop->key.port = refused_udp_port(drop->skb);
}

/* A GSO or GRO packet is one event for many packets of the wire. */
static __always_inline __u32 wire_packets(const struct sk_buff* skb) {
  struct skb_shared_info* shared = (void*)(skb->head + skb->end);
  __u16 segments = 0;

  bpf_probe_read_kernel(&segments, sizeof(segments), &shared->gso_segs);
  return segments ? segments : 1;
}

static __always_inline void copy_headers(struct DropSample* sample, const struct sk_buff* skb) {
  __u16 network = skb->network_header, link = skb->mac_header;
  unsigned char* end = skb->head + skb->tail;
  unsigned char* from = skb->data;
  __u8 kind = kDropHeadersData;
  __u64 length;

  /* 0 and ~0 both mean "not set" for the network header; an unset link header is ~0. */
  if (network != 0 && network != 0xffff) {
    from = skb->head + network;
    kind = kDropHeadersNetwork;
    /* An Ethernet header right before it tells who handed the packet to us. */
    if (link != 0xffff && network - link == kDropEthernetBytes) {
      from = skb->head + link;
      kind = kDropHeadersLink;
    }
  } else if (link != 0xffff) {
    from = skb->head + link;
    kind = kDropHeadersLink;
  }
  length = end > from ? end - from : 0;
  if (length > kDropHeaderBytes) length = kDropHeaderBytes;
  if (length == 0 || bpf_probe_read_kernel(sample->headers, length, from) != 0) {
    length = 0;
    kind = kDropHeadersNone;
  }
  sample->header_bytes = length;
  sample->header_kind = kind;
}

static __always_inline void copy_socket(struct DropSample* sample, const struct sock* sk) {
  sample->socket_cookie = 0;
  sample->socket_inode = 0;
  sample->cgroup = 0;
  sample->receive_queue = 0;
  sample->receive_buffer = 0;
  if (!sk || !is_full_socket(BPF_CORE_READ(sk, __sk_common.skc_state))) return;
  /* 0 until somebody asked for it; sock_diag does, when the sockets are listed. */
  sample->socket_cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
  sample->socket_inode = BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
  sample->receive_queue = BPF_CORE_READ(sk, sk_backlog.rmem_alloc.counter);
  sample->receive_buffer = BPF_CORE_READ(sk, sk_rcvbuf);
  if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
    sample->cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
}

static __always_inline void take_sample(void* context, struct DropTable* table,
                                        const struct drop* drop, const struct DropCell* cell,
                                        __u32 index) {
  struct DropSample* sample = open_sample(context, table, cell, index);

  if (!sample) return;
  sample->own_packets = wire_packets(drop->skb);
  sample->length = drop->skb->len;
  copy_headers(sample, drop->skb);
  copy_socket(sample, socket_of(drop));
  bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
}

static __always_inline void count_drops_flow(struct DropTable* table, const struct drop* drop,
                                             __u32 packets) {
  struct DropFlowKey key = {.netns = drop->key.netns};
  __u16 network = drop->skb->network_header;

  if (network == 0 || network == 0xffff)
    table->flows_unread += packets;
  else
    count_flow(table, &key, drop->skb->head + network, packets);
}

static __always_inline int book(void* context, struct drop* drop) {
  __u32 zero = 0, index = 0, packets = wire_packets(drop->skb);
  struct DropTable* table = bpf_map_lookup_elem(&tables, &zero);
  struct DropCell* cell;
  bool opened_slot;

  if (!table) return 0;
  drop->key.protocol = __builtin_bswap16(drop->skb->protocol);
  drop->key.made_here = drop->skb->skb_iif == 0;
  if (drop->key.reason ? drop->key.reason == no_socket_reason : has_no_reasons())
    drop->key.opens = opens_connection(drop->skb);
  set_place(drop);
  keep_time(table);
  cell = cell_of(table, &drop->key, &index);
  if (!cell) return outside(table, packets);
  opened_slot = is_new_slot(table, cell);
  if (opened_slot) open_slot(table, cell, index);
  if (wants_sample(table, cell, opened_slot)) take_sample(context, table, drop, cell, index);
  if (with_flows) count_drops_flow(table, drop, packets);
  if (stacks_per_slot) count_stack(context, table, &drop->key, packets);
  cell->events++;
  cell->packets += packets;
  cell->bytes += drop->skb->len;
  cell->truesize += drop->skb->truesize;
  return 0;
}

SEC("tp_btf/kfree_skb")
int count_drop(__u64* context) {
  struct drop drop = {.skb = (void*)context[0], .key = {.location = context[1]}};

  if (bpf_core_type_matches(btf_trace_kfree_skb___with_socket)) {
    drop.key.reason = context[2];
    drop.receiver = (void*)context[3];
  } else if (bpf_core_type_matches(btf_trace_kfree_skb___with_reason)) {
    drop.key.reason = context[2];
  }
  if (!is_drop(drop.key.reason)) return 0;
  if (with_filter && !skb_matches(drop.skb)) return 0;
  return book(context, &drop);
}

/* Only where it is asked for: it runs for every packet of the host. The link header is pulled, so
 * that data begins with IP. */
SEC("tp_btf/netif_receive_skb")
int count_received(__u64* context) {
  struct sk_buff* skb = (void*)context[0];
  struct DropFlowKey key = {.received = 1};
  struct net_device* dev = skb->dev;
  __u32 zero = 0;
  struct DropTable* table = bpf_map_lookup_elem(&tables, &zero);

  if (!table) return 0;
  if (dev) key.netns = dev->nd_net.net->ns.inum;
  count_flow(table, &key, skb->data, wire_packets(skb));
  return 0;
}
