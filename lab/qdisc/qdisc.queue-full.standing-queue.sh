# title: Is a link that is simply too slow told from a queue that is too small?
# expect.cause: qdisc.queue-full
# expect.because: qdisc.standing-queue
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=client
# expect.says: A longer queue would fill up too
# expect.not: config.queue-limit load.burst link.device-down
# expect.not-remedy: qdisc limit
# needs: tc
# touches: namespaces
#
# 2 Mbit/s are sent through a shaper of 1 Mbit/s. No queue helps: only a higher rate, which is
# somebody's decision, or a sender that sends less.

setup() {
  path client server
  inside client tc qdisc add dev to-server root handle 8001: tbf rate 1mbit burst 5kb limit 20kb
  serve server reader udp --port 5001 --rcvbuf 212992
}

# The reader stops half a second after the traffic: by then the queue (20 kB: 0.16 s) is empty.
traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 500 --count 1500 --rate 500
}
