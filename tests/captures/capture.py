#!/usr/bin/env python3
"""Writes what the kernel says of the network namespace it runs in to FOLDER: text of /proc/net as it
is, netlink dumps as the raw byte stream of the answers (nlmsghdr and all).

    ip netns exec NAME tests/captures/capture.py FOLDER
"""
import os
import socket
import struct
import sys

TEXT = """snmp netstat snmp6 softnet_stat sockstat sockstat6 dev udp udp6 tcp tcp6""".split()
ROUTE, SOCK_DIAG = 0, 4
DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
RTM_GETLINK, RTM_GETQDISC, SOCK_DIAG_BY_FAMILY = 18, 38, 20
LISTEN, ALL = 1 << 10, 0xFFFFFFFF
# INET_DIAG_MEMINFO, INET_DIAG_INFO, INET_DIAG_SKMEMINFO
EXTENSIONS = 1 << 0 | 1 << 1 | 1 << 6


def dump(family, kind, payload):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as s:
        s.bind((0, 0))
        s.send(struct.pack("=IHHII", 16 + len(payload), kind, DUMP, 1, 0) + payload)
        stream = b""
        while True:
            part = s.recv(1 << 20)
            stream += part
            at = 0
            while at + 16 <= len(part):
                length, kind_of_answer = struct.unpack_from("=IH", part, at)
                if kind_of_answer in (2, 3):  # NLMSG_ERROR, NLMSG_DONE
                    return stream
                at += (length + 3) & ~3


def sockets(family, protocol, states):
    request = struct.pack("=BBBBI", family, protocol, EXTENSIONS, 0, states) + bytes(48)
    return dump(SOCK_DIAG, SOCK_DIAG_BY_FAMILY, request)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name in TEXT:
        with open(f"/proc/thread-self/net/{name}", "rb") as source:
            content = source.read()
        with open(f"{folder}/{name}", "wb") as target:
            target.write(content)
    streams = {
        "rtm_getlink.bin": dump(ROUTE, RTM_GETLINK, bytes(16)),
        "rtm_getqdisc.bin": dump(ROUTE, RTM_GETQDISC, bytes(20)),
        "sock_diag_udp4.bin": sockets(socket.AF_INET, socket.IPPROTO_UDP, ALL),
        "sock_diag_udp6.bin": sockets(socket.AF_INET6, socket.IPPROTO_UDP, ALL),
        "sock_diag_tcp4_listen.bin": sockets(socket.AF_INET, socket.IPPROTO_TCP, LISTEN),
        "sock_diag_tcp6_listen.bin": sockets(socket.AF_INET6, socket.IPPROTO_TCP, LISTEN),
        "sock_diag_tcp4.bin": sockets(socket.AF_INET, socket.IPPROTO_TCP, ALL & ~LISTEN),
    }
    for name, stream in streams.items():
        with open(f"{folder}/{name}", "wb") as target:
            target.write(stream)


main()
