# title: Does a TCP connection at full speed count as healthy?
# expect.verdict: healthy
# twin: yes
# touches: namespaces

setup() {
  path client server
  serve server sink tcp --port 5201
}

traffic() {
  send client bulk tcp --to 10.199.1.2:5201 --seconds 2 --bytes 4000000000
}
