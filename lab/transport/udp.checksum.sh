# title: Are datagrams with a wrong checksum found, and their one sender named?
# expect.cause: udp.checksum
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=server
# expect.says: all from 10.199.1.1
# expect.not: udp.receive-buffer-full udp.no-listener
# touches: namespaces
#
# Every fifth datagram carries a wrong checksum; the others arrive. Small ones: the kernel verifies
# them at once.

setup() {
  path client server
  serve server reader udp --port 5001
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 40 --count 1000 --rate 1000 --bad-checksum 5
}
