# title: Is a buffer that is smaller than a burst found, and the right size proposed?
# expect.cause: udp.receive-buffer-full
# expect.because: config.buffer-limit
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: comm=reader port=5001 netns=server
# expect.not: app.slow-reader load.burst udp.no-listener
# cure: app.so-rcvbuf
# expect.after-cure: 0
# touches: namespaces
#
# An event loop that does other work too: every 20 ms it empties its socket, so on the average it
# keeps up by far. But 200 datagrams come at once, and its buffer has room for a quarter of them.

setup() {
  path client server
  reader 32768
}

reader() {
  serve server reader udp --port 5001 --rcvbuf "$1" --drain-every 20
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 500 --count 3000 --burst 200 --gap 200
}

cure() {
  reader "$WHYDROP_SET_SO_RCVBUF"
}
