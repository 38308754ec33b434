# title: And where the driver runs the program itself?
# expect.cause: xdp.program-drop
# expect.verdict: policy
# expect.packets: dropped.sent
# expect.object: netns=server
# expect.not: xdp.program-aborted xdp.redirect-failed tc-ingress.filter-drop netfilter.rule-drop udp.no-listener
# expect.says: lab_xdp_drop
# expect.says: to-client
# expect.says: native
# touches: namespaces
#
# The veth runs the program itself, in its own NAPI poll, before there is a packet for the stack.

setup() {
  path client server
  inside server "$WHYDROP" lab attach xdp-native --device to-client --drop-udp-port 5001
  serve server reader udp --port 5002 --rcvbuf 400000
}

traffic() {
  send client passed udp --to 10.199.1.2:5002 --size 200 --count 300 --rate 300 &
  send client dropped udp --to 10.199.1.2:5001 --size 200 --count 400 --rate 400
  wait
}
