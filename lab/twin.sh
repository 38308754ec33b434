# title: And with 20 datagrams lost in the full buffer of another socket?
# expect.cause: udp.receive-buffer-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: late.sent
# expect.object: comm=victim port=5999 netns=server
# expect.not: udp.no-listener config.buffer-limit
# touches: namespaces
#
# The twin of a healthy scenario: the same traffic, and beside it a socket that nobody reads. Its
# buffer is filled before the window, so that just the 20 datagrams sent inside it are lost: the
# diagnosis must find them under the noise.

twin_setup() {
  setup
  serve server victim udp --port 5999 --rcvbuf 4096 --idle
  send client filler udp --to 10.199.1.2:5999 --size 100 --count 100
}

twin_traffic() {
  send client late udp --to 10.199.1.2:5999 --size 100 --count 20 --rate 20 &
  late=$!
  traffic
  wait "$late"
}
