# title: Is a packet that the reverse path filter refuses for asymmetric routing found, with the way that an answer would take?
# expect.cause: ip.reverse-path-filter
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=server
# expect.not: ip.no-route ip.martian-source ip.forwarding-disabled ip.blackhole-route netfilter.rule-drop
# expect.says: leaves by to-other
# cure: sysctl.rp-filter
# expect.after-cure: 0
# touches: namespaces
#
# The client's packets carry its second address, 172.31.9.9, and come by its link to the server. The
# server's route to that address leads through another network, and its filter is strict.

setup() {
  netns client server other
  link client server
  link server other
  inside client ip addr add 172.31.9.9/32 dev lo
  inside client ip route replace 10.199.1.0/24 dev to-server src 172.31.9.9
  setting client net/ipv4/conf/to-server/arp_announce 2
  inside server ip route add 172.31.9.0/24 via 10.199.2.2
  setting server net/ipv4/conf/all/rp_filter 1
  setting server net/ipv4/conf/to-client/rp_filter 1
  serve server reader udp --port 5001
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 100 --count 300 --rate 300
}

cure() {
  setting server net/ipv4/conf/to-client/rp_filter \
    "$WHYDROP_SET_NET_IPV4_CONF_TO_CLIENT_RP_FILTER"
  serve server reader udp --port 5001
}
