# title: Is a policer named as the filter that drops?
# expect.cause: tc-ingress.filter-drop
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=server
# expect.says: police
# expect.not: xdp.program-drop netfilter.rule-drop qdisc.queue-full
# needs: tc
# touches: namespaces
#
# Twice as much as the policer of an ingress filter lets pass.

setup() {
  path client server
  inside server tc qdisc add dev to-client clsact
  or_skip "filter matchall with action police" inside server tc filter add dev to-client ingress \
    matchall action police rate 400kbit burst 4k conform-exceed drop
  serve server reader udp --port 5001 --rcvbuf 400000
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 172 --count 1000 --rate 500
}
