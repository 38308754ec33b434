# title: Is the chain of nftables found whose rule drops what comes in?
# expect.cause: netfilter.rule-drop
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=server
# expect.not: udp.receive-buffer-full udp.no-listener netfilter-out.rule-drop
# expect.says: chain incoming of table inet shop
# expect.says: at the input hook of IPv4
# needs: nft
# touches: namespaces
#
# The reader listens on two ports, and the firewall refuses one of them, by way of a chain that it
# jumps to. The other chains look alike but stand at other hooks, or cannot drop: they are innocent.

setup() {
  path client server
  serve server allowed udp --port 5002
  serve server refused udp --port 5001
  inside server nft -f - <<RULES
table inet shop {
  chain denied {
    drop
  }
  chain incoming {
    type filter hook input priority 0; policy accept;
    udp dport 5001 jump denied
  }
  chain counting {
    type filter hook input priority -10; policy accept;
    udp dport 5001 counter
  }
  chain through {
    type filter hook forward priority 0; policy drop;
  }
}
RULES
}

traffic() {
  send client wanted udp --to 10.199.1.2:5002 --size 100 --count 200 --rate 400
  send client unwanted udp --to 10.199.1.2:5001 --size 100 --count 200 --rate 200
}
