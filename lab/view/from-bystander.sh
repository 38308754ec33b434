# title: Is a loss that neither happens at nor hits a namespace left out of its diagnosis?
# select: other
# expect.verdict: healthy
# touches: namespaces
#
# The client's packets are lost at the server while the other namespace, joined to the same server,
# has its questions answered.

setup() {
  netns client server other
  link client server
  link other server
  serve server reader udp --port 5001 --rcvbuf 65536 --per-second 200
  serve server resolver udp-echo --port 5353
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 2000 --rate 1000 &
  sender=$!
  send other asker udp-request --to 10.199.2.2:5353 --size 60 --count 500
  wait "$sender"
}
