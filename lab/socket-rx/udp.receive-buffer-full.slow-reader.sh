# title: Is a reader that is simply too slow told from a buffer that is too small?
# expect.cause: udp.receive-buffer-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: comm=reader port=5001 netns=server
# expect.not: config.buffer-limit load.burst udp.no-listener
# expect.not-remedy: application SO_RCVBUF; sysctl rmem
# expect.says: would be full again after
# cure: app.read-faster
# expect.after-cure: 0
# touches: namespaces
#
# 2,000 datagrams a second come, 200 are read. Any buffer only delays the loss; the cure is an
# application that reads as fast as datagrams come.

setup() {
  path client server
  serve server reader udp --port 5001 --rcvbuf 106496 --per-second 200
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 5000 --rate 2000
}

cure() {
  serve server reader udp --port 5001 --rcvbuf 524288
}
