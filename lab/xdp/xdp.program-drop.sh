# title: Is the XDP program found that drops a port, and called what it is: somebody's policy?
# expect.cause: xdp.program-drop
# expect.verdict: policy
# expect.packets: dropped.sent
# expect.object: netns=server
# expect.not: xdp.program-aborted xdp.redirect-failed tc-ingress.filter-drop netfilter.rule-drop udp.no-listener
# expect.says: lab_xdp_drop
# expect.says: to-client
# expect.says: generic
# touches: namespaces
#
# A generic XDP program on the server's device drops the datagrams to port 5001 and passes the rest.

setup() {
  path client server
  inside server "$WHYDROP" lab attach xdp-generic --device to-client --drop-udp-port 5001
  serve server reader udp --port 5002 --rcvbuf 400000
}

traffic() {
  send client passed udp --to 10.199.1.2:5002 --size 200 --count 300 --rate 300 &
  send client dropped udp --to 10.199.1.2:5001 --size 200 --count 400 --rate 400
  wait
}
