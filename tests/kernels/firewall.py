"""Writes what the kernel answers about the firewall of this network namespace into FOLDER: raw
dumps of nftables, and the tables of iptables as its socket options give them."""
import ctypes
import socket
import struct
import sys

folder = sys.argv[1]
libc = ctypes.CDLL(None, use_errno=True)
NETFILTER, NFTABLES, REQUEST_DUMP = 12, 10, 0x301
GET_CHAIN, GET_RULE, GET_ELEMENTS = 4, 7, 13
IPT_INFO, IPT_ENTRIES = 64, 65
INET = 1  # NFPROTO_INET


def save(name, content):
    with open(f"{folder}/{name}", "wb") as target:
        target.write(content)


def is_last(datagram):
    at = 0
    while at < len(datagram):
        length, kind = struct.unpack_from("IH", datagram, at)
        if kind in (2, 3):  # error, done
            return True
        at += (length + 3) & ~3
    return False


def dump(name, message, family=0, attributes=b""):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER) as asker:
        body = struct.pack("BBH", family, 0, 0) + attributes
        asker.send(struct.pack("IHHII", 16 + len(body), NFTABLES << 8 | message, REQUEST_DUMP, 1, 0) + body)
        answer = b""
        while True:
            datagram = asker.recv(1 << 20)
            answer += datagram
            if is_last(datagram):
                break
    save(name, answer)


def text(kind, value):
    content = value.encode() + b"\0"
    return struct.pack("HH", 4 + len(content), kind) + content + b"\0" * (-len(content) % 4)


def option(asker, level, which, request):
    block = ctypes.create_string_buffer(request, len(request))
    size = ctypes.c_uint32(len(request))
    if libc.getsockopt(asker.fileno(), level, which, block, ctypes.byref(size)):
        raise OSError(ctypes.get_errno(), "getsockopt")
    return block.raw


def tables(prefix, family, level):
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as asker:
        for table in ("filter", "raw"):
            info = option(asker, level, IPT_INFO, table.encode().ljust(84, b"\0"))
            save(f"{prefix}_info_{table}.bin", info)
            size = info[80:84]
            request = (table.encode().ljust(32, b"\0") + size).ljust(40 + struct.unpack("I", size)[0], b"\0")
            save(f"{prefix}_entries_{table}.bin", option(asker, level, IPT_ENTRIES, request))


dump("nft_getchain.bin", GET_CHAIN)
dump("nft_getrule.bin", GET_RULE)
for name in ("ports", "__map0"):
    dump(f"nft_getsetelem_{name.strip('_')}.bin", GET_ELEMENTS, INET, text(1, "shop") + text(2, name))
tables("ipt", socket.AF_INET, 0)
tables("ip6t", socket.AF_INET6, 41)
