#!/usr/bin/env python3
"""Captures what the sources of the whole picture read, as the kernel says it (root):

    python3 tests/kernels/capture_inventory.py tests/captures/6.18

Of the host's own hardware device: ethtool's and netdev's generic netlink, and the files of /proc. Of a
namespace of its own: devices of several kinds, a filter with an action, classes, connections.
"""
import pathlib
import socket
import struct
import subprocess
import sys

from capture_routing import NETLINK_ROUTE, NLM_F_ACK, NLM_F_DUMP, ask, attribute, refuse_a_used_namespace

NETLINK_NETFILTER, NETLINK_GENERIC = 12, 16
RTM_GETLINK, RTM_GETTCLASS, RTM_GETTFILTER = 18, 42, 46
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
NLA_F_NESTED = 0x8000
COMPACT_BITSETS = 1

# ip's batch, in a namespace of its own.
WORLD = """
ip link set lo up
ip link add veth0 type veth peer name veth1
ip link add br0 type bridge stp_state 0 mcast_snooping 1
ip link set veth1 master br0
ip link set veth1 type bridge_slave isolated on
ip link add vx0 type vxlan id 42 local 10.0.0.1 remote 10.0.0.9 dstport 4789 dev veth0
ip link add mac0 link veth0 type macvlan mode bridge
ip tuntap add dev tap0 mode tap user 1000 multi_queue
ip link set veth0 up
ip link set veth1 up
ip link set br0 up
ip link set vx0 mtu 1400
ip addr add 10.0.0.1/24 dev veth0
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev veth0 nud permanent
tc qdisc add dev veth0 clsact
tc filter add dev veth0 egress protocol ip pref 7 u32 match ip dst 10.0.0.2/32 action mirred egress mirror dev br0
tc qdisc add dev veth0 root handle 1: htb default 10
tc class add dev veth0 parent 1: classid 1:10 htb rate 1mbit
nft add table ip t
nft add chain ip t c '{ type filter hook output priority 0 ; }'
nft add rule ip t c ct state new counter
"""


def padded(kind, content):
    made = attribute(kind, content)
    return made + b"\0" * (-len(made) % 4)


def nested(kind, content):
    return padded(kind | NLA_F_NESTED, content)


def family_id(name):
    payload = struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + padded(CTRL_ATTR_FAMILY_NAME, name.encode() + b"\0")
    answer = ask(NETLINK_GENERIC, GENL_ID_CTRL, NLM_F_ACK, payload)
    at = 20
    while at < len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == CTRL_ATTR_FAMILY_ID:
            return struct.unpack_from("=H", answer, at + 4)[0]
        at += (length + 3) & ~3
    raise SystemExit(f"no family {name}")


def generic(name, command, attributes=b"", flags=NLM_F_DUMP):
    return ask(NETLINK_GENERIC, family_id(name), flags, struct.pack("=BBH", command, 1, 0) + attributes)


def capture_host(folder):
    compact = nested(1, padded(3, struct.pack("=I", COMPACT_BITSETS)))
    for name, command in {"linkmodes": 4, "features": 11, "channels": 17, "coalesce": 19, "pause": 21}.items():
        (folder / f"ethtool_{name}.bin").write_bytes(generic("ethtool", command, compact))
    features = nested(1, padded(1, struct.pack("=I", 4)))
    (folder / "ethtool_strset.bin").write_bytes(
        generic("ethtool", 1, nested(1, b"") + nested(2, features), NLM_F_ACK))
    for name, command, attributes in (("queue", 10, b""), ("napi", 11, b""),
                                      ("qstats", 12, padded(4, struct.pack("=I", 1)))):
        (folder / f"netdev_{name}.bin").write_bytes(generic("netdev", command, attributes))
    for name in ("interrupts", "softirqs", "buddyinfo"):
        (folder / name).write_text(pathlib.Path("/proc", name).read_text())


def capture_world(folder):
    refuse_a_used_namespace()
    for command in WORLD.strip().splitlines():
        subprocess.run(command, shell=True, check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(25):
            sender.sendto(b"x" * 100, ("10.0.0.2", 9))
    skip_statistics = padded(29, struct.pack("=I", 8))  # IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS
    (folder / "rtm_getlink_details.bin").write_bytes(
        ask(NETLINK_ROUTE, RTM_GETLINK, NLM_F_DUMP, bytes(16) + skip_statistics))
    index = socket.if_nametoindex("veth0")
    (folder / "rtm_gettfilter_mirred.bin").write_bytes(
        ask(NETLINK_ROUTE, RTM_GETTFILTER, NLM_F_DUMP, struct.pack("=BxHiIII", 0, 0, index, 0, 0xfffffff3, 0)))
    (folder / "rtm_gettclass_traffic.bin").write_bytes(
        ask(NETLINK_ROUTE, RTM_GETTCLASS, NLM_F_DUMP, struct.pack("=BxHiIII", 0, 0, index, 0, 0, 0)))
    ctnetlink = 1 << 8
    (folder / "conntrack_stats_cpu.bin").write_bytes(ask(NETLINK_NETFILTER, ctnetlink | 4, NLM_F_DUMP, bytes(4)))
    (folder / "conntrack_stats.bin").write_bytes(ask(NETLINK_NETFILTER, ctnetlink | 5, NLM_F_ACK, bytes(4)))
    for name in ("fib_triestat", "rt6_stats"):
        (folder / name).write_text(pathlib.Path("/proc/thread-self/net", name).read_text())
    capture_raw_sockets(folder)


def capture_raw_sockets(folder):
    """A receiver of ICMP without room for most of what comes, and one of ICMPv6."""
    echo = struct.pack("!BBHHH", 8, 0, 0xf7fd, 1, 1)  # its checksum is right
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as deaf, \
            socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6):
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        for _ in range(50):
            deaf.sendto(echo, ("127.0.0.1", 0))
        for name in ("raw", "raw6"):
            (folder / name).write_text(pathlib.Path("/proc/thread-self/net", name).read_text())


def main():
    folder = pathlib.Path(sys.argv[1])
    capture_host(folder)
    subprocess.run(["unshare", "--net", sys.executable, __file__, sys.argv[1], "--world"], check=True)


if __name__ == "__main__":
    if sys.argv[2:] == ["--world"]:
        capture_world(pathlib.Path(sys.argv[1]))
    else:
        main()
