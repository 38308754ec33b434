/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel half writes and the other half reads. */
#pragma once

#include <linux/types.h>

/* Devices, each on each CPU that polled it; what comes after them is not counted. */
enum { kMaxPolled = 1024 };

/* Namespace and device are 0 for the backlog queue of the CPU, which belongs to no device. */
struct Polled {
  __u32 netns; /* inode */
  __u32 ifindex;
  __u32 cpu;
};

struct Polls {
  __u64 polls;
  __u64 packets;
  __u64 exhausted; /* polls that took all that they were allowed */
};
