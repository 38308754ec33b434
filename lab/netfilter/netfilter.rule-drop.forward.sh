# title: Is a chain found on a router that does not let through what it forwards?
# expect.cause: netfilter.rule-drop
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=router
# expect.not: ip.no-route ip.forwarding-disabled udp.no-listener netfilter-out.rule-drop
# expect.says: chain through of table inet wall
# expect.says: at the forward hook of IPv4
# needs: nft
# touches: namespaces

setup() {
  path client router server
  inside router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  inside client ip route add 10.199.2.0/24 via 10.199.1.2
  inside server ip route add 10.199.1.0/24 via 10.199.2.1
  serve server allowed udp --port 5002
  serve server refused udp --port 5001
  inside router nft -f - <<RULES
table inet wall {
  chain incoming {
    type filter hook input priority 0; policy accept;
    udp dport 5001 drop
  }
  chain through {
    type filter hook forward priority 0; policy accept;
    udp dport 5001 drop
  }
}
RULES
}

traffic() {
  send client wanted udp --to 10.199.2.2:5002 --size 100 --count 200 --rate 400
  send client unwanted udp --to 10.199.2.2:5001 --size 100 --count 200 --rate 200
}
