# title: Is an IPv6 blackhole route found?
# expect.cause: ip.blackhole-route
# expect.verdict: policy
# expect.packets: sent
# expect.object: netns=router
# expect.not: ip.forwarding-disabled ip.no-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.not-remedy: sysctl forward
# expect.says: blackhole route to fd55::/64
# touches: namespaces
#
# As ip.blackhole-route, with IPv6 and a route of type blackhole.

setup() {
  path6 client router server
  inside client ip -6 route add fd55::/64 via fd99:1::2
  inside router ip -6 route add default via fd99:2::2
  inside router ip -6 route add blackhole fd55::/64
  setting router net/ipv6/conf/all/forwarding 1
}

traffic() {
  send client sender udp --to '[fd55::1]:5001' --size 100 --count 300 --rate 300
}
