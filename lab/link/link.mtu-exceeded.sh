# title: Are frames found that the other end of a veth pair does not take, and both MTUs named?
# expect.cause: link.mtu-exceeded
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=client
# expect.not: link.device-down qdisc.queue-full socket-tx.buffer-full ip.packet-too-big
# expect.echo: link.tx_dropped client
# expect.echo: link.rx_dropped server
# expect.echo: snmp.Ip.OutDiscards client
# expect.echo: snmp.Udp.SndbufErrors client
# expect.says: to-client
# expect.says: 1500
# expect.says: 1000
# cure: link.mtu
# expect.after-cure: 0
# touches: namespaces
#
# The server's end of the pair was given an MTU of 1000, the client's has 1500: the client sends full
# frames, and the kernel ends them at the pair, without a word to the sender.

setup() {
  path client server
  inside server ip link set to-client mtu 1000
  reader
}

reader() {
  serve server reader udp --port 5001 --rcvbuf 4000000
}

traffic() {
  send client small udp --to 10.199.1.2:5001 --size 500 --count 300 --rate 300 &
  send client large udp --to 10.199.1.2:5001 --size 1200 --count 300 --rate 300
  wait
}

cure() {
  inside server ip link set to-client mtu "$WHYDROP_SET_MTU_OF_TO_CLIENT"
  reader
}
