# title: Is a device without carrier told from a full queue?
# expect.cause: link.device-down
# expect.verdict: loss
# expect.packets: sent
# expect.object: netns=client
# expect.not: qdisc.queue-full config.queue-limit qdisc.standing-queue load.burst
# expect.not-remedy: qdisc limit
# needs: tc
# touches: namespaces
#
# The other end of the cable is off. The kernel then puts the qdisc noop in front of the device, which
# drops with the reason of a full queue, and none of the device's own queues counts it. It takes up to
# a second to do so (net/core/link_watch.c).

setup() {
  path client server
  inside client tc qdisc add dev to-server root handle 8001: tbf rate 1mbit burst 5kb limit 20kb
  inside client ip neigh replace 10.199.1.2 lladdr 02:00:00:00:00:01 nud permanent dev to-server
  inside server ip link set to-client down
  sleep 1.5
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 100 --count 200 --rate 200
}
