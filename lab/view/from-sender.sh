# title: Is a loss in another namespace shown to who asks about the sender's?
# select: client
# expect.cause: udp.receive-buffer-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: comm=reader port=5001 netns=server
# expect.hit: client
# touches: namespaces
#
# Only the client's namespace is asked about (diagnose -n). Nothing is lost in it; its packets are
# lost at a socket of the server's, and that is what the user wants to hear.

setup() {
  netns client server other
  link client server
  link other server
  serve server reader udp --port 5001 --rcvbuf 65536 --per-second 200
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 2000 --rate 1000
}
