# title: Is the chain of iptables found whose rule drops what comes in?
# expect.cause: netfilter.rule-drop
# expect.verdict: policy
# expect.packets: sent - received
# expect.object: netns=server
# expect.not: udp.receive-buffer-full udp.no-listener netfilter-out.rule-drop
# expect.says: chain INPUT of table filter (iptables)
# expect.says: at the input hook of IPv4
# expect.says: in chain DENIED
# needs: iptables-legacy
# touches: namespaces
#
# The rules of iptables-legacy are not seen by nft. Those of the table raw stand at another hook.

setup() {
  path client server
  serve server allowed udp --port 5002
  serve server refused udp --port 5001
  inside server iptables-legacy -N DENIED
  inside server iptables-legacy -A DENIED -j DROP
  inside server iptables-legacy -A INPUT -p udp --dport 5001 -j DENIED
  inside server iptables-legacy -t raw -A PREROUTING -p udp --dport 7 -j DROP
}

traffic() {
  send client wanted udp --to 10.199.1.2:5002 --size 100 --count 200 --rate 400
  send client unwanted udp --to 10.199.1.2:5001 --size 100 --count 200 --rate 200
}
