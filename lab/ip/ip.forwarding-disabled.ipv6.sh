# title: Is a router found whose IPv6 forwarding is switched off?
# expect.cause: ip.forwarding-disabled
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=router
# expect.not: ip.no-route ip.blackhole-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.says: would leave by to-server
# cure: sysctl.forwarding
# expect.after-cure: 0
# touches: namespaces
#
# The router has IPv6 routes to both sides, and does not forward. IPv4 forwarding is on: it is
# another setting.

setup() {
  path6 client router server
  inside client ip -6 route add fd99:2::/64 via fd99:1::2
  inside server ip -6 route add fd99:1::/64 via fd99:2::1
  setting router net/ipv4/ip_forward 1
  serve server reader udp --port 5001 --bind ::
}

traffic() {
  send client sender udp --to '[fd99:2::2]:5001' --size 100 --count 300 --rate 300
}

cure() {
  setting router net/ipv6/conf/all/forwarding "$WHYDROP_SET_NET_IPV6_CONF_ALL_FORWARDING"
  serve server reader udp --port 5001 --bind ::
}
