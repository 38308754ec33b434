# title: Is loss that netem was told to make told apart from a full queue?
# expect.cause: qdisc.emulated-loss
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=client
# expect.not: qdisc.queue-full qdisc.standing-queue config.queue-limit load.burst link.device-down
# needs: tc
# touches: namespaces
#
# The kernel counts and names these drops as it does those of a full queue.

setup() {
  path client server
  # netem would lose the question for the neighbour too.
  inside client ip neigh replace 10.199.1.2 dev to-server \
    lladdr "$(inside server cat /sys/class/net/to-client/address)"
  or_skip "qdisc netem" inside client tc qdisc add dev to-server root netem loss 20% limit 10000
  serve server reader udp --port 5001 --rcvbuf 400000
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 1000 --rate 500
}
