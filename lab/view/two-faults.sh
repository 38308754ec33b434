# title: Are two faults at once told apart, the bigger first, and both booked?
# expect.cause: udp.receive-buffer-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: sender.sent - reader.received
# expect.object: comm=reader port=5001 netns=server
# expect.also: listen.accept-queue-full = clients.sent
# expect.not: udp.no-listener tcp.no-listener load.burst
# touches: namespaces
#
# One service does not read its datagrams fast enough; another hangs and accepts no connections.

setup() {
  path client server
  serve server reader udp --port 5001 --rcvbuf 65536 --per-second 200
  serve server web tcp-listen --port 8080 --backlog 4 --idle
  send client filler tcp-burst --to 10.199.1.2:8080 --count 8 --patience 300
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 4000 --rate 1500 &
  sender=$!
  send client clients tcp-burst --to 10.199.1.2:8080 --count 40
  wait "$sender"
}
