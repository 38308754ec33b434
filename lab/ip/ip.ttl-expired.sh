# title: Is a routing loop found in which packets turn until their TTL ends?
# expect.cause: ip.ttl-expired
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=upstream
# expect.not: ip.forwarding-disabled ip.no-route ip.blackhole-route ip.header-error netfilter.rule-drop
# expect.says: back to where it came from
# touches: namespaces
#
# Two routers send 10.55.0.0/16 to each other. A packet of TTL 64 that the first one takes with an
# even TTL ends at the second.

setup() {
  netns client router upstream
  link client router
  link router upstream
  inside client ip route add 10.55.0.0/16 via 10.199.1.2
  inside router ip route add 10.55.0.0/16 via 10.199.2.2
  inside upstream ip route add 10.55.0.0/16 via 10.199.2.1
  inside upstream ip route add 10.199.1.0/24 via 10.199.2.1
  setting router net/ipv4/ip_forward 1
  setting upstream net/ipv4/ip_forward 1
}

traffic() {
  send client sender udp --to 10.55.1.1:5001 --size 100 --count 300 --rate 300
}
