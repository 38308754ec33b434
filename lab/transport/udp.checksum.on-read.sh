# title: Are wrong checksums found that the kernel notices only when the reader comes?
# expect.cause: udp.checksum
# expect.verdict: loss
# expect.packets: sent - received
# expect.object: netns=server
# expect.says: all from 10.199.1.1
# expect.not: udp.receive-buffer-full udp.no-listener
# touches: namespaces
#
# Datagrams of more than 76 bytes (CHECKSUM_BREAK) are verified when they are read: for one reader in
# recvmsg(), for the other already in poll(). There the packet no longer knows its device.

setup() {
  path client server
  serve server reader udp --port 5001
  serve server poller udp --port 5002 --poll
}

traffic() {
  send client sender udp --to 10.199.1.2:5001 --size 800 --count 500 --rate 500 --bad-checksum 5
  send client second udp --to 10.199.1.2:5002 --size 800 --count 500 --rate 500 --bad-checksum 4
}
