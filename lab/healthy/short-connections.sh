# title: Do many short connections count as healthy?
# expect.verdict: healthy
# twin: yes
# touches: namespaces

setup() {
  path client server
  serve server web tcp-server --port 8080
}

traffic() {
  send client browser tcp-connect --to 10.199.1.2:8080 --count 1000
}
