# title: Are SYNs refused for too many half-open handshakes found where cookies are off?
# expect.cause: listen.syn-queue-full
# expect.because: load.flood
# expect.verdict: loss
# expect.packets: flood.sent - flood.received
# expect.object: comm=web port=8080 netns=server
# expect.not: listen.accept-queue-full tcp.no-listener
# expect.says: SYN cookies are off
# cure: sysctl.tcp-syncookies
# expect.after-cure: 0
# touches: namespaces
#
# SYNs from addresses that nobody has. The answers find a way (the route leads back to the client,
# by a link-layer address that it drops as not its own), and no handshake is ever finished.

setup() {
  path client server
  inside server sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_syncookies'
  inside server ip neigh add 10.199.1.77 lladdr 02:00:00:00:00:77 dev to-client nud permanent
  inside server ip route add 198.51.100.0/24 via 10.199.1.77
  serve server web tcp-listen --port 8080 --backlog 64 --accept-every 5
}

traffic() {
  send client flood syn --to 10.199.1.2:8080 --device to-server --count 800 --rate 800
}

cure() {
  inside server sh -c "echo $WHYDROP_SET_NET_IPV4_TCP_SYNCOOKIES >/proc/sys/net/ipv4/tcp_syncookies"
  serve server web tcp-listen --port 8080 --backlog 64 --accept-every 5
}
