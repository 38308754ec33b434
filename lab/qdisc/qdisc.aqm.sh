# title: Are the early drops of fq_codel told apart from a full queue?
# expect.cause: qdisc.aqm
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=client
# expect.not: qdisc.queue-full config.queue-limit load.burst link.device-down
# needs: tc
# touches: namespaces
#
# More than the class of htb lets through, below it a queue that never fills: fq_codel drops what has
# waited too long.

setup() {
  path client server
  inside client tc qdisc add dev to-server root handle 1: htb default 10
  inside client tc class add dev to-server parent 1: classid 1:10 htb rate 2mbit burst 5k cburst 5k
  or_skip "qdisc fq_codel" inside client tc qdisc add dev to-server parent 1:10 handle 10: \
    fq_codel limit 10000 target 1ms interval 10ms
  serve server reader udp --port 5001 --rcvbuf 400000
}

# What still waits when the sender is done is counted too.
traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 500 --count 1500 --rate 750 --sndbuf 4000000
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    inside client tc -s qdisc show dev to-server | grep -q 'backlog [1-9]' || break
    sleep 0.5
  done
}
