# title: Is an unreachable route told from a blackhole, a missing route and switched off forwarding?
# expect.cause: ip.blackhole-route
# expect.verdict: policy
# expect.packets: sent
# expect.object: netns=router
# expect.not: ip.forwarding-disabled ip.no-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.not-remedy: sysctl forward
# expect.says: unreachable route to 10.55.0.0/16
# touches: namespaces
#
# As ip.blackhole-route, but the sender is told by ICMP that the host cannot be reached.

setup() {
  path client router server
  inside client ip route add 10.55.0.0/16 via 10.199.1.2
  inside router ip route add default via 10.199.2.2
  inside router ip route add unreachable 10.55.0.0/16
  setting router net/ipv4/ip_forward 1
}

traffic() {
  send client sender udp --to 10.55.1.1:5001 --size 100 --count 300 --rate 300
}
