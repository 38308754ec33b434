/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's types as our BPF programs need them: only the fields that are read. Offsets come
 * from the running kernel's BTF when the object is loaded, so order and neighbours do not matter
 * here. */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
  unsigned int inum;
};

struct net_device;

struct net {
  struct ns_common ns;
  struct net_device* loopback_dev;
};

typedef struct {
  struct net* net;
} possible_net_t;

struct net_device {
  int ifindex;
  possible_net_t nd_net;
};

struct kernfs_node {
  __u64 id;
};

struct cgroup {
  struct kernfs_node* kn;
};

struct sock_cgroup_data {
  struct cgroup* cgroup;
};

typedef struct {
  int counter;
} atomic_t;

typedef struct {
  __s64 counter;
} atomic64_t;

struct in6_addr {
  __u8 bytes[16]; /* the kernel's has a union; nothing in it is read by name */
};

/* The head that full sockets, request sockets and time-wait sockets share. */
struct sock_common {
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  struct in6_addr skc_v6_daddr; /* with CONFIG_IPV6 */
  struct in6_addr skc_v6_rcv_saddr;
  unsigned short skc_family;
  volatile unsigned char skc_state;
  __u16 skc_num;
  possible_net_t skc_net;
  atomic64_t skc_cookie;
};

struct inode {
  unsigned long i_ino;
};

struct file {
  struct inode* f_inode;
};

struct socket {
  struct file* file;
};

/* sk_backlog is an unnamed struct in the kernel: it matches by its members. */
struct sock {
  struct sock_common __sk_common;
  struct {
    atomic_t rmem_alloc;
  } sk_backlog;
  struct socket* sk_socket;
  int sk_rcvbuf;
  __u16 sk_protocol; /* a bit field before 5.6, which we do not support */
  struct sock_cgroup_data sk_cgrp_data;
};

struct skb_shared_info {
  unsigned short gso_segs;
};

struct sk_buff {
  struct net_device* dev;
  struct sock* sk;
  unsigned int len;
  int skb_iif;
  __be16 protocol;
  __u16 transport_header;
  __u16 network_header;
  __u16 mac_header;
  unsigned int tail; /* offsets from head: sk_buff_data_t on 64 bit */
  unsigned int end;
  unsigned char* head;
  unsigned char* data;
  unsigned int truesize;
  char cb[48]; /* of whoever holds the packet */
};

#pragma clang attribute pop

/* Values that the kernel keeps in enums or macros and that have not moved since Linux 4.4. */
enum {
  kAfInet = 2,
  kAfInet6 = 10,
  kIpprotoTcp = 6,
  kIpprotoUdp = 17,
  kIpprotoIcmpv6 = 58,
  kIpprotoSctp = 132,
  kTcpTimeWait = 6,
  kTcpNewSynRecv = 12,
  kTcpFlagSyn = 0x02,
  kTcpFlagRst = 0x04,
  kTcpFlagAck = 0x10,
};
