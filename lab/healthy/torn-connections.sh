# title: Do connections that are reset, with data unread and under way, count as healthy?
# expect.verdict: healthy
# twin: yes
# touches: namespaces

setup() {
  path client server
  serve server web tcp-server --port 8080
}

traffic() {
  send client rude tcp-torn --to 10.199.1.2:8080 --count 200
}
