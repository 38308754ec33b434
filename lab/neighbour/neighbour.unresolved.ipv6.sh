# title: Is a next hop found that does not answer neighbour discovery?
# expect.cause: neighbour.unresolved
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=client
# expect.not: neighbour.queue-full neighbour.table-full route.no-route netfilter-out.rule-drop qdisc.queue-full
# expect.says: fd99:1::77
# touches: namespaces
#
# As neighbour.unresolved, with IPv6, where the kernel gives no reason for the drop.

setup() {
  path6 client server
}

traffic() {
  send client sender udp --to '[fd99:1::77]:5001' --size 100 --count 200 --rate 50
  sleep 4
}
