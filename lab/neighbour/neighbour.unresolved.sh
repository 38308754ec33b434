# title: Is a next hop found that does not answer ARP?
# expect.cause: neighbour.unresolved
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=client
# expect.not: neighbour.queue-full neighbour.table-full route.no-route netfilter-out.rule-drop qdisc.queue-full
# expect.says: 10.199.1.77
# touches: namespaces
#
# Nobody has the address 10.199.1.77. Packets wait for it, and are dropped when three requests had
# no answer, after about three seconds: the traffic is over only then.

setup() {
  path client server
}

traffic() {
  send client sender udp --to 10.199.1.77:5001 --size 100 --count 200 --rate 50
  sleep 4
}
