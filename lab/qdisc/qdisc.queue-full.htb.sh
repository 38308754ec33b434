# title: Are the drops below a classful qdisc counted once?
# expect.cause: qdisc.queue-full
# expect.because: config.queue-limit
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=client
# expect.says: to-server (pfifo 10:), sent by sender
# expect.not: qdisc.standing-queue load.burst link.device-down
# cure: qdisc.limit
# expect.after-cure: 0
# needs: tc
# touches: namespaces
#
# The kernel counts each drop of the pfifo three times: there, in its class and in the htb above it.

setup() {
  path client server
  inside client tc qdisc add dev to-server root handle 1: htb default 10
  inside client tc class add dev to-server parent 1: classid 1:10 htb rate 10mbit ceil 10mbit \
    burst 5k cburst 5k
  queue 8
  serve server reader udp --port 5001 --rcvbuf 212992
}

queue() {
  inside client tc qdisc replace dev to-server parent 1:10 handle 10: pfifo limit "$1"
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 500 --count 600 --burst 60 --gap 300
}

cure() {
  serve server reader udp --port 5001 --rcvbuf 212992
  queue "$WHYDROP_SET_QDISC_TO_SERVER_10__LIMIT"
}
