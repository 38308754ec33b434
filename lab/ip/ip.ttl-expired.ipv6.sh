# title: Is an IPv6 routing loop found in which packets turn until their hop limit ends?
# expect.cause: ip.ttl-expired
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=upstream
# expect.not: ip.forwarding-disabled ip.no-route ip.blackhole-route ip.header-error netfilter.rule-drop
# expect.says: back to where it came from
# touches: namespaces
#
# As ip.ttl-expired, with IPv6.

setup() {
  netns client router upstream
  ipv6 client router upstream
  link client router
  link router upstream
  link6 1 client router
  link6 2 router upstream
  inside client ip -6 route add fd55::/64 via fd99:1::2
  inside router ip -6 route add fd55::/64 via fd99:2::2
  inside upstream ip -6 route add fd55::/64 via fd99:2::1
  inside upstream ip -6 route add fd99:1::/64 via fd99:2::1
  setting router net/ipv6/conf/all/forwarding 1
  setting upstream net/ipv6/conf/all/forwarding 1
}

traffic() {
  send client sender udp --to '[fd55::1]:5001' --size 100 --count 300 --rate 300
}
