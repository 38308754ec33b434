#!/bin/sh
# Builds two joined network namespaces with sockets and losses in them, captures the first into
# FOLDER (see capture.py) and removes both.
#
#     tests/captures/world.sh tests/captures/6.18
set -eu
folder=$1
here=$(dirname "$(readlink -f "$0")")
a=wdtest-capture
b=wdtest-capture-peer
clean() {
  [ -z "${server:-}" ] || kill "$server" 2>/dev/null || :
  ip netns del $a 2>/dev/null || :
  ip netns del $b 2>/dev/null || :
}
trap clean EXIT INT TERM
ip netns add $a
ip netns add $b
ip -n $a link set lo up
ip -n $b link set lo up
ip -n $a link add veth0 type veth peer name eth0 netns $b
ip -n $a link add veth1 type veth peer name veth2
ip -n $a link add br0 type bridge
ip -n $a link set veth1 master br0
ip -n $a addr add 10.9.0.1/24 dev veth0
ip -n $b addr add 10.9.0.2/24 dev eth0
for device in veth0 veth1 br0; do ip -n $a link set $device up; done
ip -n $b link set eth0 up
tc -n $a qdisc add dev veth0 root handle 8001: tbf rate 1mbit burst 3000 limit 5000
tc -n $a qdisc add dev veth0 clsact
tc -n $a qdisc add dev veth1 root handle 1: htb default 10
tc -n $a class add dev veth1 parent 1: classid 1:10 htb rate 1mbit
tc -n $a qdisc add dev veth1 parent 1:10 handle 10: pfifo limit 5
ip netns exec $a "$here/traffic.py" &
server=$!
sleep 2
ip netns exec $a "$here/capture.py" "$folder"
