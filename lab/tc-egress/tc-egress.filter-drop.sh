# title: Is the tc filter on the way out found that drops a port?
# expect.cause: tc-egress.filter-drop
# expect.verdict: policy
# expect.packets: dropped.sent
# expect.object: netns=client
# expect.not: qdisc.queue-full socket-tx.buffer-full netfilter-out.rule-drop udp.no-listener
# expect.echo: qdisc.drops client
# expect.echo: snmp.Ip.OutDiscards client
# expect.echo: snmp.Udp.SndbufErrors client
# expect.says: lab_tc_drop
# expect.says: to-server
# expect.says: pref
# touches: namespaces
#
# A BPF filter of clsact on the client's device drops the datagrams to port 5001, passes the rest.

setup() {
  path client server
  inside client "$WHYDROP" lab attach tc-egress --device to-server --drop-udp-port 5001
  serve server reader udp --port 5002 --rcvbuf 400000
}

traffic() {
  send client passed udp --to 10.199.1.2:5002 --size 200 --count 300 --rate 300 &
  send client dropped udp --to 10.199.1.2:5001 --size 200 --count 400 --rate 400
  wait
}
