# title: Do UDP questions and answers count as healthy?
# expect.verdict: healthy
# twin: yes
# touches: namespaces

setup() {
  path client server
  serve server resolver udp-echo --port 5353
}

traffic() {
  send client asker udp-request --to 10.199.1.2:5353 --size 60 --count 5000
}
