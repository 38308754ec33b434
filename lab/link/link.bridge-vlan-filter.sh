# title: Is a bridge whose VLAN filter refuses a frame found?
# expect.cause: link.bridge-vlan-filter
# expect.verdict: policy
# expect.packets: refused.sent
# expect.object: netns=switch
# expect.not: link.device-down link.mtu-exceeded netfilter.rule-drop neighbour.unresolved
# needs: bridge
# touches: namespaces
#
# The port to the client carries VLAN 7 only; the client sends untagged frames, to an address whose
# neighbour it need not ask for.

setup() {
  path client switch
  inside switch ip link add br0 type bridge mcast_snooping 0
  or_skip "bridge VLAN filtering" inside switch ip link set br0 type bridge vlan_filtering 1
  inside switch ip link set to-client master br0
  inside switch ip link set br0 up
  or_skip "bridge VLAN filtering" inside switch bridge vlan add dev to-client vid 7
  inside switch bridge vlan del dev to-client vid 1
  inside client ip neigh add 10.199.1.99 lladdr 02:00:00:00:00:99 dev to-switch
}

traffic() {
  send client refused udp --to 10.199.1.99:5001 --size 200 --count 300 --rate 300
}
