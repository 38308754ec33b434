#!/usr/bin/env python3
"""Captures what the kernel says of routes and neighbours, in a namespace of its own (root):

    unshare --net python3 tests/kernels/capture_routing.py tests/captures/6.18
"""
import pathlib
import socket
import struct
import subprocess
import sys

NETLINK_ROUTE = 0
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
RTM_GETNEIGH, RTM_GETROUTE = 30, 26
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
RTA_DST, RTA_SRC, RTA_IIF = 1, 2, 3

WORLD = """
ip link set lo up
ip link add veth0 type veth peer name veth1
ip link set veth0 up
ip link set veth1 up
ip addr add 10.0.0.1/24 dev veth0
ip addr add fd00::1/64 dev veth0 nodad
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip route add 10.1.0.0/16 via 10.0.0.2
ip route add blackhole 10.55.0.0/16
ip route add prohibit 10.56.0.0/16 table 100 metric 50
ip route add unreachable default table default metric 4278198272
ip -6 route add fd01::/64 via fd00::2
ip -6 route add blackhole fd55::/64
ip -6 route add prohibit fd56::/64 table 100
ip -6 route add unreachable default metric 9999
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev veth0 nud permanent
ip neigh add 10.0.0.3 dev veth0 nud failed
ip -6 neigh add fd00::2 lladdr 02:00:00:00:00:02 dev veth0 nud stale
"""


def ask(family, kind, flags, payload):
    """The raw answer to one request, its end included; of dumps only what fits the request."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as netlink:
        netlink.settimeout(2)
        netlink.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
        netlink.send(struct.pack("=IHHII", 16 + len(payload), kind, NLM_F_REQUEST | flags, 7, 0) + payload)
        answer = b""
        while True:
            datagram = netlink.recv(1 << 20)
            answer += datagram
            at, last = 0, 0
            while at < len(datagram):
                length, last = struct.unpack_from("=IH", datagram, at)
                at += (length + 3) & ~3
            if last in (2, 3):  # NLMSG_ERROR (or acknowledgement), NLMSG_DONE
                return answer


def attribute(kind, content):
    return struct.pack("=HH", 4 + len(content), kind) + content


def lookup(family, destination, source, device):
    bits = 32 if family == socket.AF_INET else 128
    payload = struct.pack("=BBBBBBBBI", family, bits, bits, 0, 0, 0, 0, 0, 0)
    payload += attribute(RTA_DST, socket.inet_pton(family, destination))
    payload += attribute(RTA_SRC, socket.inet_pton(family, source))
    payload += attribute(RTA_IIF, struct.pack("=I", socket.if_nametoindex(device)))
    return ask(NETLINK_ROUTE, RTM_GETROUTE, NLM_F_ACK, payload)


def refuse_a_used_namespace():
    """A namespace that was just made has no route: this is somebody's."""
    if len(pathlib.Path("/proc/thread-self/net/route").read_text().splitlines()) > 1:
        sys.exit("the world to capture belongs into a namespace of its own: unshare --net …")


def main():
    refuse_a_used_namespace()
    folder = pathlib.Path(sys.argv[1])
    for line in WORLD.strip().splitlines():
        subprocess.run(line.split(), check=True)
    both = (socket.AF_INET, socket.AF_INET6)
    routes = [ask(NETLINK_ROUTE, RTM_GETROUTE, NLM_F_DUMP, struct.pack("=BBBBBBBBI", f, 0, 0, 0, 0, 0, 0, 0, 0)) for f in both]
    neighbours = [ask(NETLINK_ROUTE, RTM_GETNEIGH, NLM_F_DUMP, struct.pack("=BBHiHBB", f, 0, 0, 0, 0, 0, 0)) for f in both]
    (folder / "rtm_getroute.bin").write_bytes(b"".join(routes))
    (folder / "rtm_getneigh.bin").write_bytes(b"".join(neighbours))
    (folder / "rtm_getroute_one4.bin").write_bytes(lookup(socket.AF_INET, "10.1.2.3", "10.0.0.9", "veth0"))
    (folder / "rtm_getroute_one6.bin").write_bytes(lookup(socket.AF_INET6, "fd01::3", "fd00::9", "veth0"))


if __name__ == "__main__":
    main()
