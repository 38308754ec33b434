# title: Are datagrams to a port that nobody listens on told from a loss?
# expect.cause: udp.no-listener
# expect.verdict: policy
# expect.packets: sent
# expect.object: netns=server
# expect.not: udp.receive-buffer-full netfilter.rule-drop
# touches: namespaces
#
# The service is down: the server refuses every datagram, and says so by ICMP.

setup() {
  path client server
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 100 --count 200 --rate 200
}
