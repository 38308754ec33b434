# title: What is said of frames of a VLAN that this host has no device for?
# expect.verdict: healthy
# touches: namespaces
#
# The kernel takes such a frame for one to another host (vlan_do_receive finds no device, so
# __netif_receive_skb_core sets PACKET_OTHERHOST): noise by its own account.

setup() {
  path client server
  or_skip "VLAN devices" inside client ip link add link to-server name tagged type vlan id 7
  inside client ip addr add 10.199.7.1/24 dev tagged
  inside client ip link set tagged up
  inside client ip neigh add 10.199.7.2 lladdr 02:00:00:00:00:99 dev tagged
}

traffic() {
  send client sender udp --to 10.199.7.2:5001 --size 200 --count 300 --rate 300
}
