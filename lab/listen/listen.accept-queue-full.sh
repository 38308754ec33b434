# title: Is an accept queue that is shorter than a burst of connections found, and the right length proposed?
# expect.cause: listen.accept-queue-full
# expect.because: app.listen-backlog
# expect.verdict: loss
# expect.packets: clients.sent - web.received
# expect.object: comm=web port=8080 netns=server
# expect.not: app.slow-reader config.somaxconn listen.syn-queue-full tcp.no-listener
# expect.says: Between bursts the queue drains
# cure: app.listen-backlog
# expect.after-cure: 0
# touches: namespaces
#
# A server that accepts everything every 20 ms keeps up by far. But 200 clients come at once, and it
# asked listen() for a queue of 16. Those who are refused try again after a second, all at once.
# Every SYN that the clients sent and that led to no connection at the server was refused: itself,
# or the last ACK of its handshake. With SYN cookies always on a handshake that was refused is over:
# else the server, which remembers it, asks again, and refuses packets that no client counts.

setup() {
  path client server
  setting server net/ipv4/tcp_syncookies 2
  web 16
}

web() {
  serve server web tcp-listen --port 8080 --backlog "$1" --accept-every 20
}

traffic() {
  send client clients tcp-burst --to 10.199.1.2:8080 --count 400 --burst 200 --gap 1500 \
    --patience 12000
}

cure() {
  web "$WHYDROP_SET_LISTEN___BACKLOG"
}
