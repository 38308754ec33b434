# title: And where the program hangs on the device itself, by tcx?
# expect.cause: tc-ingress.filter-drop
# expect.verdict: policy
# expect.packets: dropped.sent
# expect.object: netns=server
# expect.not: xdp.program-drop netfilter.rule-drop tc.policed udp.no-listener
# expect.says: lab_tc_drop
# expect.says: to-client
# expect.says: tcx
# touches: namespaces
#
# By tcx (since 6.6) there is no qdisc and no filter: no counter of tc counts what it drops.

setup() {
  path client server
  or_skip tcx inside server "$WHYDROP" lab attach tcx-ingress --device to-client --drop-udp-port 5001
  serve server reader udp --port 5002 --rcvbuf 400000
}

traffic() {
  send client passed udp --to 10.199.1.2:5002 --size 200 --count 300 --rate 300 &
  send client dropped udp --to 10.199.1.2:5001 --size 200 --count 400 --rate 400
  wait
}
