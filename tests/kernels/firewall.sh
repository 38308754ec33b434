#!/bin/sh
# Captures what this machine's kernel says of a firewall with every kind of drop, in a network
# namespace of its own (root; nft, iptables-legacy, python3):
#
#     tests/kernels/firewall.sh tests/captures/6.18
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
name=wdtest-firewall
trap 'ip netns del $name' EXIT
ip netns add $name
b() { ip netns exec $name "$@"; }
b ip link add eth7 type veth peer name eth8
b nft -f - << 'RULES'
table inet shop {
  map ports {
    type inet_service : verdict
    elements = { 22 : accept, 23 : drop, 80 : jump web }
  }
  chain web {
    ip saddr 10.0.0.0/8 accept
    tcp dport 80 goto denied
  }
  chain denied {
    counter drop
  }
  chain guests {
    accept
  }
  chain incoming {
    type filter hook input priority -5; policy accept;
    ct state established accept
    jump guests
    tcp dport vmap @ports
    udp dport vmap { 53 : goto guests, 69 : drop }
    udp dport 9 drop
    udp dport 10 reject
  }
  chain through {
    type filter hook forward priority 10; policy drop;
    accept
  }
}
table ip nat {
  chain POSTROUTING {
    type nat hook postrouting priority 100;
    masquerade
  }
}
table netdev edge {
  chain one {
    type filter hook ingress device "eth7" priority 0;
    udp dport 9 drop
  }
  chain two {
    type filter hook ingress devices = { "eth7", "eth8" } priority 1;
  }
}
table bridge br {
  chain f {
    type filter hook forward priority 0;
    ether type 0x1234 drop
  }
}
RULES
b iptables-legacy -P FORWARD DROP
b iptables-legacy -N BAD
b iptables-legacy -N GONE
b iptables-legacy -A BAD -j LOG
b iptables-legacy -A BAD -j DROP
b iptables-legacy -A INPUT -p tcp --dport 1 -j BAD
b iptables-legacy -A INPUT -p tcp --dport 2 -g GONE
b iptables-legacy -A INPUT -p udp --dport 9 -j DROP
b iptables-legacy -A INPUT -p udp --dport 10 -j REJECT
b iptables-legacy -A INPUT -p udp --dport 11 -j ACCEPT
b iptables-legacy -A INPUT -p udp --dport 12
b iptables-legacy -t raw -A PREROUTING -p udp --dport 9 -j DROP
b ip6tables-legacy -N BAD6
b ip6tables-legacy -A BAD6 -j REJECT
b ip6tables-legacy -A OUTPUT -p udp --dport 9 -j DROP
b ip6tables-legacy -A OUTPUT -p tcp --dport 9 -j BAD6
b ip6tables-legacy -t raw -L >/dev/null
b python3 "$here/firewall.py" "$folder"
for list in ip_tables_names ip6_tables_names; do b cat /proc/net/$list > "$folder/$list"; done
