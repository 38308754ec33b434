#!/usr/bin/env python3
"""Sockets and losses for world.sh; keeps them open until it is killed."""
import signal
import socket

# A UDP receiver that never reads: 200 datagrams into a small buffer.
deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
deaf.bind(("127.0.0.1", 5353))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(200):
    sender.sendto(bytes(512), ("127.0.0.1", 5353))
# Nobody listens.
sender.sendto(b"x", ("127.0.0.1", 9))
# More than the token bucket of veth0 takes.
for _ in range(50):
    try:
        sender.sendto(bytes(1000), ("10.9.0.2", 9))
    except OSError:
        pass
# A dual-stack UDP socket and a connected one.
dual = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
dual.bind(("::", 5354))
connected = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
connected.bind(("::1", 5355))
connected.connect(("::1", 5354))
# A TCP listener that never accepts, three connections in its queue, one of them with unread bytes.
listener = socket.create_server(("0.0.0.0", 8080), backlog=2)
listener6 = socket.create_server(("::", 8081), family=socket.AF_INET6, backlog=5)
clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(3)]
clients[0].send(bytes(1234))
extra = socket.socket()
extra.setblocking(False)
extra.connect_ex(("127.0.0.1", 8080))
signal.pause()
