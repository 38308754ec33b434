# title: Is a loss found where it happens, asked only about the receiver?
# select: server
# expect.cause: udp.receive-buffer-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: comm=reader port=5001 netns=server
# expect.hit: client
# touches: namespaces

setup() {
  path client server
  serve server reader udp --port 5001 --rcvbuf 65536 --per-second 200
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 2000 --rate 1000
}
