# title: Does an ordinary ping, whose every answer ends as a NO_SOCKET drop, count as healthy?
# expect.verdict: healthy
# twin: yes
# touches: namespaces

setup() {
  path client server
}

traffic() {
  send client ping ping --to 10.199.1.2 --count 10 --gap 100
}
