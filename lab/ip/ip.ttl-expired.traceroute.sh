# title: Is a traceroute through a router left alone?
# expect.verdict: healthy
# expect.packets: tracer.sent
# touches: namespaces
#
# Three probes with a TTL of 1 end at the router, as they are meant to. They are counted as lost,
# and are no more than a notice.

setup() {
  path client router server
  inside client ip route add 10.199.2.0/24 via 10.199.1.2
  inside server ip route add 10.199.1.0/24 via 10.199.2.1
  setting router net/ipv4/ip_forward 1
  setting client net/ipv4/ip_default_ttl 1
}

traffic() {
  send client tracer udp --to 10.199.2.2:33434 --size 32 --count 3 --rate 10
}
