# title: Is a chain found that drops by its policy, what none of its rules accepts?
# expect.cause: netfilter.rule-drop
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=server
# expect.not: udp.receive-buffer-full udp.no-listener netfilter-out.rule-drop
# expect.says: chain INPUT of table ip filter
# expect.says: at the input hook of IPv4
# expect.says: the policy drop
# needs: nft
# touches: namespaces
#
# The usual server: what is not listed is not let in. Somebody forgot to list a port.

setup() {
  path client server
  serve server listed udp --port 5002
  serve server forgotten udp --port 5001
  inside server nft -f - <<RULES
table ip filter {
  chain INPUT {
    type filter hook input priority 0; policy drop;
    udp dport 5002 accept
  }
}
RULES
}

traffic() {
  send client wanted udp --to 10.199.1.2:5002 --size 100 --count 200 --rate 400
  send client unwanted udp --to 10.199.1.2:5001 --size 100 --count 200 --rate 200
}
