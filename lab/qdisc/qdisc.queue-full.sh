# title: Is a queue that is smaller than a burst found, and the right limit proposed?
# expect.cause: qdisc.queue-full
# expect.because: config.queue-limit
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=client
# expect.says: to-server (tbf 8001:), sent by sender
# expect.not: qdisc.standing-queue load.burst link.device-down udp.receive-buffer-full
# cure: qdisc.limit
# expect.after-cure: 0
# needs: tc
# touches: namespaces
#
# A shaper of 20 Mbit/s, and on the average 1 Mbit/s to send: plenty. But 120 datagrams of 542 bytes
# come at once, and the queue has room for 24 of them beside the 19 that its bucket lets through.

setup() {
  path client server
  shaper 13312
  serve server reader udp --port 5001 --rcvbuf 212992
}

shaper() {
  inside client tc qdisc replace dev to-server root handle 8001: tbf rate 20mbit burst 10kb \
    limit "$1"
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 500 --count 1200 --burst 120 --gap 500
}

cure() {
  serve server reader udp --port 5001 --rcvbuf 212992
  shaper "$WHYDROP_SET_QDISC_TO_SERVER_8001__LIMIT"
}
