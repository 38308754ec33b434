# title: Is a dead gateway named, and not the destinations behind it?
# expect.cause: neighbour.unresolved
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=client
# expect.not: neighbour.queue-full neighbour.table-full route.no-route ip.no-route netfilter-out.rule-drop
# expect.says: gateway 10.199.1.77
# touches: namespaces
#
# The client reaches 10.55.0.0/16 through 10.199.1.77, which nobody is any more.

setup() {
  path client server
  inside client ip route add 10.55.0.0/16 via 10.199.1.77
}

traffic() {
  send client sender udp --to 10.55.1.1:5001 --size 100 --count 200 --rate 50
  sleep 4
}
