# title: Is a small netdev_max_backlog found as the reason that a burst was lost?
# expect.cause: backlog.queue-full
# expect.verdict: loss
# expect.packets: sender.sent - reader.received
# expect.object: netns=server
# expect.not: udp.receive-buffer-full qdisc.queue-full socket-tx.buffer-full
# touches: host-wide
#
# The setting belongs to the whole host, and the lab changes none of those: who runs this in a
# virtual machine of his own sets it before (tests/kernels/guest.sh).

setup() {
  limit=$(cat /proc/sys/net/core/netdev_max_backlog)
  if [ "$limit" -gt 20 ]; then
    echo "net.core.netdev_max_backlog is $limit on this host, and the lab sets nothing host-wide"
    exit 77
  fi
  path client server
  # A burst must not meet an unknown neighbour: that is another place.
  inside client ip neigh replace 10.199.1.2 dev to-server \
    lladdr "$(inside server cat /sys/class/net/to-client/address)"
  inside server sh -c 'echo 2 >/sys/class/net/to-client/queues/rx-0/rps_cpus'
  serve server sniffers taps --device to-client --count 32
  serve server reader udp --port 5001 --rcvbuf 16000000 --force
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 100 --count 4000 --burst 400 --gap 100 \
    --sndbuf 16000000 --cpu 0
}
