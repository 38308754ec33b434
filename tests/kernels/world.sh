#!/bin/sh
# Builds two joined network namespaces, runs CAPTURE in the first (see capture.c), adds what
# the kernel says of its symbols, trace events and drop reasons, and removes both:
#
#     tests/kernels/world.sh CAPTURE FOLDER
#
# Runs on the build machine and in the guest of script/vm alike: needs busybox's or any sh, awk and
# sed; ip, tc and bpftool.
set -eu
capture=$1
folder=$2
a=wdtest-capture
b=wdtest-capture-peer

clean() {
  ip netns del $a 2> /dev/null || :
  ip netns del $b 2> /dev/null || :
}

# A kernel without this qdisc is captured without it.
try_qdisc() { tc -n $a qdisc add "$@" || echo "world: no qdisc: $*" >&2; }

build() {
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
  for device in veth0 veth1 veth2 br0; do ip -n $a link set $device up; done
  ip -n $b link set eth0 up
  try_qdisc dev veth0 root handle 8001: tbf rate 1mbit burst 3000 limit 5000
  try_qdisc dev veth0 clsact
  try_qdisc dev veth1 root handle 1: htb default 10
  tc -n $a class add dev veth1 parent 1: classid 1:10 htb rate 1mbit || :
  try_qdisc dev veth1 parent 1:10 handle 10: pfifo limit 5
  try_qdisc dev veth2 root handle 20: fq_codel
}

# "VALUE NAME" under "enum NAME": every enum of drop reasons in the kernel's own type information.
drop_reasons() {
  bpftool btf dump file /sys/kernel/btf/vmlinux format raw | awk '
    /^\[/ { wanted = $2 ~ /^ENUM/ && $3 ~ /drop_reason/
            if (wanted) { gsub("\047", "", $3); print "enum", $3 } }
    wanted && /^\t/ { gsub("\047", "", $1); sub("val=", "", $2); print $2, $1 }'
}

# The first 200 symbols, then functions that receive or free packets, then modules' symbols.
symbols() {
  receivers='ip_rcv|ip_forward|ip_local_deliver|netif_receive|nf_hook_slow|icmp_rcv|tcp_v4_'
  receivers="$receivers|udp_queue|udp_unicast|udp4_lib|udp6_lib|enqueue_to_backlog|sk_filter"
  frees='kfree_skb|sk_skb_reason|skb_release|consume_skb|tcp_drop'
  head -n 200 /proc/kallsyms
  awk -v wanted="^(__)?($receivers|$frees)" \
    '$4 == "" && $2 ~ /[tT]/ && $3 ~ wanted' /proc/kallsyms | head -n 200
  awk '$4 == "[veth]" || $4 == "[sch_tbf]"' /proc/kallsyms | head -n 60
}

# Which trace points the network has here.
events() {
  for group in skb sock tcp udp net qdisc napi neigh fib icmp netlink page_pool xdp; do
    for event in /sys/kernel/tracing/events/"$group"/*/; do
      [ ! -d "$event" ] || echo "$group/$(basename "$event")"
    done
  done
}

trap clean EXIT INT TERM
build
mkdir -p "$folder"
ip netns exec $a "$capture" "$folder"
# What only the first namespace shows: the tables that all namespaces share, and the trace points.
for table in /proc/net/stat/*; do
  [ -e "$folder/stat/${table##*/}" ] || cat "$table" > "$folder/stat/${table##*/}"
done
cut -d ' ' -f 1-20 /proc/stat > "$folder/proc_stat"
cat /proc/version > "$folder/version"
cat /sys/kernel/tracing/events/skb/kfree_skb/format > "$folder/kfree_skb_format" || :
[ ! -e /sys/kernel/btf/vmlinux ] || drop_reasons > "$folder/drop_reasons"
[ -s "$folder/drop_reasons" ] || rm -f "$folder/drop_reasons"  # before 5.17 there are none
symbols > "$folder/kallsyms"
[ ! -d /sys/kernel/tracing/events ] || events > "$folder/events"
