/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A fault for the lab: drops IPv4 UDP datagrams to one port and passes the rest, as an XDP program
 * and as a tc filter. Headers with options are passed: the lab's traffic has none. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set before loading. */
const volatile __u16 port_to_drop = 0;

struct headers {
  struct ethhdr link;
  struct iphdr ip;
  struct udphdr udp;
} __attribute__((packed));

static __always_inline int is_to_port(const struct headers* headers) {
  return headers->link.h_proto == bpf_htons(ETH_P_IP) && headers->ip.ihl == 5 &&
         headers->ip.protocol == 17 && headers->udp.dest == bpf_htons(port_to_drop);
}

SEC("xdp")
int lab_xdp_drop(struct xdp_md* packet) {
  const struct headers* headers = (void*)(long)packet->data;

  if ((void*)(headers + 1) > (void*)(long)packet->data_end) return XDP_PASS;
  return is_to_port(headers) ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int lab_tc_drop(struct __sk_buff* packet) {
  struct headers headers;

  if (bpf_skb_load_bytes(packet, 0, &headers, sizeof(headers)) != 0) return TC_ACT_OK;
  return is_to_port(&headers) ? TC_ACT_SHOT : TC_ACT_OK;
}
