# title: Is a router found whose forwarding is switched off?
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
# The router has routes to both sides, and does not forward.

setup() {
  path client router server
  inside client ip route add 10.199.2.0/24 via 10.199.1.2
  inside server ip route add 10.199.1.0/24 via 10.199.2.1
  serve server reader udp --port 5001
}

traffic() {
  send client sender udp --to 10.199.2.2:5001 --size 100 --count 300 --rate 300
}

cure() {
  setting router net/ipv4/ip_forward "$WHYDROP_SET_NET_IPV4_IP_FORWARD"
  serve server reader udp --port 5001
}
