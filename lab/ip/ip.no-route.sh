# title: Is a router found that has no route for what it should forward?
# expect.cause: ip.no-route
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=router
# expect.not: ip.forwarding-disabled ip.blackhole-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.not-remedy: sysctl forward
# expect.says: 10.55.1.1
# touches: namespaces
#
# The client sends all of 10.55.0.0/16 to the router, which forwards and knows no way there.

setup() {
  path client router server
  inside client ip route add 10.55.0.0/16 via 10.199.1.2
  setting router net/ipv4/ip_forward 1
}

traffic() {
  send client sender udp --to 10.55.1.1:5001 --size 100 --count 300 --rate 300
}
