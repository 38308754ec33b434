# title: Is a blackhole route found, which no counter sees?
# expect.cause: ip.blackhole-route
# expect.verdict: policy
# expect.packets: sent
# expect.object: netns=router
# expect.not: ip.forwarding-disabled ip.no-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.not-remedy: sysctl forward
# expect.says: blackhole route to 10.55.0.0/16
# touches: namespaces
#
# The router drops what is for 10.55.0.0/16 because a route says so, and tells nobody: no counter moves.

setup() {
  path client router server
  inside client ip route add 10.55.0.0/16 via 10.199.1.2
  inside router ip route add default via 10.199.2.2
  inside router ip route add blackhole 10.55.0.0/16
  setting router net/ipv4/ip_forward 1
}

traffic() {
  send client sender udp --to 10.55.1.1:5001 --size 100 --count 300 --rate 300
}
