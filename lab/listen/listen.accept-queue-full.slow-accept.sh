# title: Is an application that does not accept told from a queue that is too short?
# expect.cause: listen.accept-queue-full
# expect.because: app.slow-reader
# expect.verdict: loss
# expect.packets: clients.sent - web.received
# expect.object: comm=web port=8080 netns=server
# expect.not: app.listen-backlog config.somaxconn listen.syn-queue-full tcp.no-listener
# expect.not-remedy: application listen(fd; sysctl somaxconn
# expect.says: A longer queue would fill up too
# cure: app.accept-faster
# expect.after-cure: 0
# touches: namespaces
#
# The server listens and hangs. Its queue is full before the window; every SYN after that is dropped,
# without any trace, and so is each that the clients send again.

setup() {
  path client server
  serve server web tcp-listen --port 8080 --backlog 4 --idle
  send client filler tcp-burst --to 10.199.1.2:8080 --count 8 --patience 300
}

traffic() {
  send client clients tcp-burst --to 10.199.1.2:8080 --count 40
}

cure() {
  serve server web tcp-listen --port 8080 --backlog 64 --accept-every 5
}
