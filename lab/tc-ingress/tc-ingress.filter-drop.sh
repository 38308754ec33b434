# title: Is the tc filter on the way in found that drops a port?
# expect.cause: tc-ingress.filter-drop
# expect.verdict: policy
# expect.packets: dropped.sent
# expect.object: netns=server
# expect.not: xdp.program-drop netfilter.rule-drop tc.policed udp.no-listener
# expect.echo: qdisc.drops server
# expect.says: lab_tc_drop
# expect.says: to-client
# expect.says: pref
# touches: namespaces
#
# A BPF filter of clsact on the server's device drops the datagrams to port 5001, passes the rest.

setup() {
  path client server
  inside server "$WHYDROP" lab attach tc-ingress --device to-client --drop-udp-port 5001
  serve server reader udp --port 5002 --rcvbuf 400000
}

traffic() {
  send client passed udp --to 10.199.1.2:5002 --size 200 --count 300 --rate 300 &
  send client dropped udp --to 10.199.1.2:5001 --size 200 --count 400 --rate 400
  wait
}
