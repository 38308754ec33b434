# title: Is what a bond's inactive port receives noise, and no loss?
# expect.verdict: healthy
# twin: yes
# touches: namespaces
#
# A switch that floods sends copies to the inactive port of an active-backup bond too. The kernel
# drops them there (bond_handle_frame: RX_HANDLER_EXACT) and counts them as rx_nohandler.

setup() {
  path client server
  or_skip bonding inside server ip link add bond0 type bond mode active-backup
  ip link add copies netns "wdlab-$LAB_ID-client" type veth peer name spare netns "wdlab-$LAB_ID-server"
  inside client ip link set copies up
  for port in to-client spare; do
    inside server ip link set "$port" down
    inside server ip link set "$port" master bond0
  done
  inside server ip addr del 10.199.1.2/24 dev to-client 2>/dev/null || :
  inside server ip addr add 10.199.1.2/24 dev bond0
  inside server ip link set bond0 up
  inside client ip addr add 10.199.2.1/24 dev copies
  inside client ip neigh add 10.199.2.2 dev copies \
    lladdr "$(inside server cat /sys/class/net/bond0/address)"
  serve server reader udp --port 5001 --rcvbuf 400000
}

traffic() {
  send client copies udp --to 10.199.2.2:5001 --size 200 --count 200 --rate 400
  send client sender udp --to 10.199.1.2:5001 --size 200 --count 200 --rate 400
}
