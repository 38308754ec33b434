# title: Is a CPU that receives for all of a device, and cannot keep up, found?
# expect.cause: backlog.queue-full
# expect.because: irq.one-cpu
# expect.verdict: loss
# expect.packets: sender.sent - reader.received
# expect.object: netns=server
# expect.not: udp.receive-buffer-full load.one-flow qdisc.queue-full socket-tx.buffer-full
# expect.says: CPU 1
# touches: host-wide
#
# All packets of the device are steered to CPU 1 (RPS), and each of them is dear there: 32 packet
# sockets run a long filter over it. The queue of that CPU, which all of the host shares, overflows. The
# reader's buffer holds all that is sent, so that nothing is lost there even if it does not run at all.

setup() {
  path client server
  # A burst must not meet an unknown neighbour: that is another place.
  inside client ip neigh replace 10.199.1.2 dev to-server \
    lladdr "$(inside server cat /sys/class/net/to-client/address)"
  inside server sh -c 'echo 2 >/sys/class/net/to-client/queues/rx-0/rps_cpus'
  serve server sniffers taps --device to-client --count 32
  serve server reader udp --port 5001 --rcvbuf 16000000 --force
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 100 --count 30000 --burst 30000 --flows 16 \
    --sndbuf 16000000 --cpu 0
}
