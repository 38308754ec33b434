# title: Is a missing return route told from an asymmetric one, so that no looser filter is proposed?
# expect.cause: ip.reverse-path-filter
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=server
# expect.not: ip.no-route ip.martian-source ip.forwarding-disabled ip.blackhole-route netfilter.rule-drop
# expect.says: no route back
# expect.not-remedy: sysctl rp_filter
# cure: route.return
# expect.after-cure: 0
# touches: namespaces
#
# The server has no route at all to the address that the client's packets carry. A loose filter
# (2) refuses them too, and no answer would find its way.

setup() {
  path client server
  inside client ip addr add 172.31.9.9/32 dev lo
  inside client ip route replace 10.199.1.0/24 dev to-server src 172.31.9.9
  setting client net/ipv4/conf/to-server/arp_announce 2
  setting server net/ipv4/conf/all/rp_filter 1
  serve server reader udp --port 5001
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 100 --count 300 --rate 300
}

cure() {
  # Several words, as ip wants them.
  # shellcheck disable=SC2086
  inside server ip route add $WHYDROP_SET_RETURN_ROUTE
  serve server reader udp --port 5001
}
