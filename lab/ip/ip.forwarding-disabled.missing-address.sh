# title: Is a server found that lost its virtual address, and is it not made a router?
# expect.cause: ip.forwarding-disabled
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=server
# expect.not: ip.no-route ip.blackhole-route ip.reverse-path-filter ip.ttl-expired netfilter.rule-drop
# expect.says: 10.66.0.1
# expect.not-remedy: sysctl forward
# touches: namespaces
#
# The client is told to reach 10.66.0.1 through the server, which once had that address. The server
# is no router and has no route there either.

setup() {
  path client server
  inside client ip route add 10.66.0.1/32 via 10.199.1.2
}

traffic() {
  send client sender udp --to 10.66.0.1:5001 --size 100 --count 300 --rate 300
}
