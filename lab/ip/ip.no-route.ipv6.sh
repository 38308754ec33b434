# title: Is an IPv6 router found that has no route for what it should forward?
# expect.cause: ip.no-route
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=router
# expect.not: ip.forwarding-disabled ip.blackhole-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.not-remedy: sysctl forward
# expect.says: fd55::1
# touches: namespaces
#
# As ip.no-route, with IPv6.

setup() {
  path6 client router server
  inside client ip -6 route add fd55::/64 via fd99:1::2
  setting router net/ipv6/conf/all/forwarding 1
}

traffic() {
  send client sender udp --to '[fd55::1]:5001' --size 100 --count 300 --rate 300
}
