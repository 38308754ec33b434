# title: Are packets that start with too low a TTL told from a routing loop?
# expect.cause: ip.ttl-expired
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=router
# expect.not: ip.forwarding-disabled ip.no-route ip.blackhole-route ip.header-error netfilter.rule-drop
# expect.says: no loop here
# touches: namespaces
#
# The client's packets begin with a TTL of 1, as those of a badly set up sender, or of a traceroute,
# do. The way through the router is in order.

setup() {
  path client router server
  inside client ip route add 10.199.2.0/24 via 10.199.1.2
  inside server ip route add 10.199.1.0/24 via 10.199.2.1
  setting router net/ipv4/ip_forward 1
  setting client net/ipv4/ip_default_ttl 1
  serve server reader udp --port 5001
}

traffic() {
  send client sender udp --to 10.199.2.2:5001 --size 100 --count 300 --rate 300
}
