/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel half of a filter, the translator and the one who inserts agree on. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
namespace filter::wire {
#endif

enum {
  /* A filter sees so many bytes of a packet, as tcpdump -s would let it; it must be a multiple of
   * eight. */
  kFilterPacketBytes = 128,
  kFilterEthernetBytes = 14,
  kFilterVlanBytes = 4,
  /* Where the packet's own bytes may begin: behind what is put before them. */
  kFilterRoomBytes = kFilterEthernetBytes + kFilterVlanBytes,
  /* The only constant of the stub whose body a filter takes; no other code holds it. */
  kFilterStubMark = 0x57447246,
};

#ifdef __cplusplus
}  // namespace filter::wire
#endif
