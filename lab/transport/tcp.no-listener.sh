# title: Are connections to a port that nobody listens on told from a loss?
# expect.cause: tcp.no-listener
# expect.verdict: policy
# expect.packets: client.errors
# expect.object: netns=server
# expect.says: 10.199.1.2 port 8081
# expect.not: udp.no-listener listen.accept-queue-full netfilter.rule-drop
# touches: namespaces
#
# The service is on another port: the server refuses every connection to this one with a reset. Beside
# it connections to the right port are torn down rudely: what is left of those is none of this.

setup() {
  path client server
  serve server web tcp-server --port 8080
}

traffic() {
  send client rude tcp-torn --to 10.199.1.2:8080 --count 100
  send client client tcp-connect --to 10.199.1.2:8081 --count 200
}
