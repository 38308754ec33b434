# title: Is the chain found that does not let a process of this host send?
# expect.cause: netfilter-out.rule-drop
# expect.verdict: policy
# expect.packets: unwanted.errors
# expect.object: netns=client
# expect.not: netfilter.rule-drop route.no-route socket-tx.buffer-full
# expect.says: chain leaving of table inet wall
# expect.says: at the output hook of IPv4
# expect.says: unwanted was told
# needs: nft
# touches: namespaces
#
# send() of the process fails: it counts the errors.

setup() {
  path client server
  serve server allowed udp --port 5002
  serve server refused udp --port 5001
  inside client nft -f - <<RULES
table inet wall {
  chain leaving {
    type filter hook output priority 0; policy accept;
    udp dport 5001 drop
  }
}
RULES
}

traffic() {
  send client wanted udp --to 10.199.1.2:5002 --size 100 --count 200 --rate 400
  send client unwanted udp --to 10.199.1.2:5001 --size 100 --count 200 --rate 200
}
