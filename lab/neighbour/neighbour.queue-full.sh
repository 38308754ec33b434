# title: Is a burst found that is too large to wait for a next hop which answers late, and the right queue proposed?
# expect.cause: neighbour.queue-full
# expect.because: load.burst
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=client
# expect.not: neighbour.unresolved neighbour.table-full route.no-route qdisc.queue-full udp.receive-buffer-full
# expect.says: 10.199.1.5 answers
# cure: sysctl.unres-qlen-bytes
# expect.after-cure: 0
# touches: namespaces
#
# 400 datagrams are sent at once to 10.199.1.5. The server takes that address half a second later
# and answers the second ARP request; what found room to wait arrives then.

setup() {
  path client server
  serve server reader udp --port 5001 --rcvbuf 212992
}

traffic() {
  (sleep 0.5 && inside server ip addr add 10.199.1.5/24 dev to-client) &
  send client sender udp --to 10.199.1.5:5001 --size 100 --count 400 --burst 400 --sndbuf 4194304
  wait
  sleep 2
}

cure() {
  setting client net/ipv4/neigh/to-server/unres_qlen_bytes \
    "$WHYDROP_SET_NET_IPV4_NEIGH_TO_SERVER_UNRES_QLEN_BYTES"
  inside server ip addr del 10.199.1.5/24 dev to-client
  inside client ip neigh flush dev to-server
  serve server reader udp --port 5001 --rcvbuf 212992
}
