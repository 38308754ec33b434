# title: Is a burst found that is larger than any buffer of this host may be?
# expect.cause: udp.receive-buffer-full
# expect.because: load.burst
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: comm=reader port=5001 netns=server
# expect.not: app.slow-reader config.buffer-limit udp.no-listener
# touches: namespaces
#
# The application already asks for all that net.core.rmem_max allows, empties its socket twice a
# second, and then gets more at once than fits. The remedy, a higher net.core.rmem_max, is
# host-wide: the lab proposes it and does not apply it.

setup() {
  limit=$(cat /proc/sys/net/core/rmem_max)
  path client server
  serve server reader udp --port 5001 --rcvbuf "$limit" --drain-every 500
}

# The kernel gives a socket twice the limit. A burst is twice as many datagrams as would fit by
# their payload alone; the kernel charges more than that for each.
traffic() {
  burst=$((2 * $(cat /proc/sys/net/core/rmem_max) / 1400 * 2))
  send client sender udp --to 10.199.1.2:5001 --size 1400 --count $((3 * burst)) --burst "$burst" \
    --gap 1000
}
