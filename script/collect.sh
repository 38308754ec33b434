#!/bin/sh
# Collects what a Linux host says of its network into a folder or an archive, for
#   whydrop diagnose --sosreport REPORT
# on another machine. Nothing has to be installed here: it needs a POSIX shell and cat, cp and mkdir;
# what else is missing, the report lacks. It reads and never changes anything, and writes only below
# the place that is named. A large host gives some megabytes.
#
#   collect.sh [FOLDER | ARCHIVE.tar | ARCHIVE.tar.gz]      (default: whydrop-HOST-TIME.tar.gz)
#   collect.sh -                                            an archive to standard output
#
# Root sees more: other network namespaces, the kernel's messages, whose sockets are whose. Addresses,
# names of devices and processes are in the report; packets, keys and the machine-id are not.
#
# Exit status: 0, or 2 with one sentence on standard error.
set -u
LC_ALL=C
export LC_ALL
umask 077

say() { echo "collect.sh: $*" >&2; }
fail() { say "$@"; exit 2; }
has() { command -v "$1" > /dev/null 2>&1; }

PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin
most_kib=16384      # of one file: what is longer is cut at its end, or for the log at its start
most_namespaces=200

case ${1-} in
    -h | --help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -?*) fail "unknown option '$1' (see --help)" ;;
esac
[ $# -le 1 ] || fail "one place to write to, please (see --help)"

host=$(cat /proc/sys/kernel/hostname 2> /dev/null || uname -n)
name=whydrop-$host-$(date -u +%Y%m%dT%H%M%SZ)
target=${1-}
[ -n "$target" ] || { target=$name.tar; has gzip && target=$target.gz; has tar || target=$name; }

# An archive is made of a folder beside it, which goes away again.
case $target in
    - | *.tar | *.tar.gz | *.tgz)
        has tar || fail "tar is missing: name a folder instead"
        case $target in *gz) has gzip || fail "gzip is missing: name a .tar instead" ;; esac
        case $target in -) above=${TMPDIR:-/tmp} ;; */*) above=${target%/*} ;; *) above=. ;; esac
        work=$above/.whydrop-collect.$$
        [ "$target" = - ] || [ ! -e "$target" ] || fail "$target is there already"
        trap 'rm -rf "$work"' EXIT
        trap 'exit 2' HUP INT TERM
        mkdir "$work" 2> /dev/null || fail "cannot write to $above"
        report=$work/$name ;;
    *)
        report=$target
        [ ! -e "$report" ] || fail "$report is there already" ;;
esac
mkdir -p "$report/commands" 2> /dev/null || fail "cannot write to $report"

# ── writing ──

if printf x | head -c 1k > /dev/null 2>&1; then
    cut_off() { head -c "${most_kib}k"; }
else
    cut_off() { cat; }
fi

# The kernel's file $1 as it is.
keep() {
    if [ ! -r "$1" ] || [ -d "$1" ]; then return; fi
    mkdir -p "$report${1%/*}"
    cut_off < "$1" > "$report$1" 2> /dev/null || rm -f "$report$1"
}

# What a command prints, in $place, named as sos names it: "ethtool_-S_eth0".
print() {
    has "$1" || return 0
    file=$(printf %s "$*" | sed 's/[^A-Za-z0-9_./-]\{1,\}/_/g; s,/,.,g')
    # A command that waits for a broken driver must not stop the others.
    if has timeout; then set -- timeout 20 "$@"; fi
    if [ -n "$netns" ]; then set -- ip netns exec "$netns" "$@"; fi
    "$@" 2> /dev/null < /dev/null | cut_off > "$place/commands/$file"
    [ -s "$place/commands/$file" ] || rm -f "$place/commands/$file"
}

# Whether the kernel has the module $1 already. Commands that ask for one that is not there would let
# the kernel load it, and that would be a change.
is_loaded() {
    [ -e /proc/modules ] || return 0
    [ "$(cat /proc/sys/kernel/modules_disabled 2> /dev/null)" != 1 ] || return 0
    grep -q "^$1 " /proc/modules 2> /dev/null ||
        grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2> /dev/null
}

# ── one namespace ──

proc_net_files='dev snmp snmp6 netstat softnet_stat sockstat sockstat6 protocols udp udp6 raw raw6
    xfrm_stat fib_triestat rt6_stats ptype stat/nf_conntrack stat/arp_cache stat/ndisc_cache
    stat/rt_cache'

settings='core/somaxconn core/rmem_max core/wmem_max core/rmem_default core/wmem_default
    core/netdev_max_backlog core/netdev_budget core/netdev_budget_usecs core/dev_weight
    core/default_qdisc core/flow_limit_cpu_bitmap core/flow_limit_table_len
    core/rps_sock_flow_entries ipv4/tcp_syncookies ipv4/tcp_max_syn_backlog ipv4/tcp_rmem
    ipv4/tcp_wmem ipv4/tcp_mem ipv4/udp_mem ipv4/tcp_max_tw_buckets ipv4/tcp_max_orphans
    ipv4/tcp_abort_on_overflow ipv4/ip_forward ipv4/ip_local_port_range ipv4/icmp_ratelimit
    ipv4/ipfrag_high_thresh ipv4/ipfrag_low_thresh ipv4/ipfrag_max_dist ipv4/ipfrag_time
    ipv4/conf/all/rp_filter ipv4/neigh/default/gc_thresh1 ipv4/neigh/default/gc_thresh2
    ipv4/neigh/default/gc_thresh3 ipv6/neigh/default/gc_thresh1 ipv6/neigh/default/gc_thresh2
    ipv6/neigh/default/gc_thresh3 ipv6/conf/all/forwarding ipv6/conf/all/disable_ipv6
    ipv6/ip6frag_high_thresh ipv6/ip6frag_time netfilter/nf_conntrack_max
    netfilter/nf_conntrack_buckets netfilter/nf_conntrack_count'

# The devices of the namespace: everything before a colon in /proc/net/dev.
devices() { sed -n 's/^ *\([^: ]*\):.*/\1/p' "$place/proc/net/dev" 2> /dev/null; }

print_all() {
    print ip -s -s -d link
    print ip -d address
    print ip route show table all
    print ip neigh
    print tc -s -d qdisc show
    # Only who listens and who takes datagrams: not who is connected to whom.
    if has ss && is_loaded inet_diag; then
        ! is_loaded udp_diag || print ss -uanpem
        ! is_loaded tcp_diag || print ss -tlnpem
    else
        print netstat -W -neopa
    fi
    if is_loaded nf_tables; then
        print nft list ruleset
        print iptables-save -c
        print ip6tables-save -c
    fi
    for device in $(devices); do
        case $device in lo | -*) continue ;; esac
        print ethtool -S "$device"
        print ethtool -i "$device"
        print ethtool -g "$device"
        print ethtool -l "$device"
        print ethtool -k "$device"
    done
}

# Everything of the namespace that we are in.
own() {
    netns='' place=$report
    readlink /proc/self/ns/net > "$report/netns" 2> /dev/null || rm -f "$report/netns"
    for file in $proc_net_files; do keep "/proc/net/$file"; done
    for file in $settings; do keep "/proc/sys/net/$file"; done
    for file in /proc/sys/net/ipv4/conf/*/rp_filter; do keep "$file"; done
    for file in /sys/class/net/*/statistics/*; do keep "$file"; done
    print_all
}

# Everything of a namespace that has a name.
other() {
    netns=$1 place=$report/namespaces/$1
    mkdir -p "$place/commands" "$place/proc/net/stat" "$place/proc/sys/net" || return 0
    ip netns exec "$netns" readlink /proc/self/ns/net > "$place/netns" 2> /dev/null
    # It may be the one that we are in: then this only tells its name.
    if [ -s "$place/netns" ] && [ "$(cat "$place/netns")" = "$(cat "$report/netns")" ]; then return; fi
    # One shell inside for all of the kernel's files; their names are words of ours.
    # shellcheck disable=SC2016,SC2046,SC2086
    ip netns exec "$netns" sh -c '
        place=$1; shift
        for file in "$@"; do
            case $file in
                sys/*) to=$place/proc/sys/net/${file#sys/}; from=/proc/sys/net/${file#sys/} ;;
                *)     to=$place/proc/net/$file; from=/proc/net/$file ;;
            esac
            [ -r "$from" ] || continue
            mkdir -p "${to%/*}" && cat "$from" > "$to" 2> /dev/null
        done' sh "$place" $proc_net_files $(for file in $settings; do echo "sys/$file"; done) \
        2> /dev/null < /dev/null
    print_all
}

# ── the host ──

whole_host() {
    for file in stat softirqs interrupts vmstat meminfo uptime version cpuinfo buddyinfo loadavg \
            pressure/cpu pressure/memory pressure/io pressure/irq sys/kernel/hostname \
            sys/kernel/osrelease sys/kernel/random/boot_id; do
        keep "/proc/$file"
    done
    for file in /proc/irq/*/smp_affinity_list /proc/irq/*/effective_affinity_list; do
        keep "$file"
    done
    keep /etc/os-release
    netns='' place=$report
    print uname -a
    # The newest messages are the ones that matter.
    if has dmesg; then
        dmesg 2> /dev/null | tail -n 20000 > "$report/commands/dmesg"
        [ -s "$report/commands/dmesg" ] || rm -f "$report/commands/dmesg"
    fi
}

{
    echo "format=1"
    echo "time=$(date +%s)"
    echo "host=$host"
    echo "user=$(id -u 2> /dev/null)"
    for tool in ip tc ss ethtool nft iptables-save dmesg timeout; do
        has "$tool" || echo "missing=$tool"
    done
} > "$report/whydrop-collect.txt"
own
whole_host
count=0
for path in /run/netns/* /var/run/netns/*; do
    if [ ! -e "$path" ] || ! has ip; then continue; fi
    space=${path##*/}
    # A name is used as a folder's; /var/run is /run on most hosts.
    case $space in -* | *[!A-Za-z0-9_.-]*) say "left out: the namespace '$space'"; continue ;; esac
    [ ! -e "$report/namespaces/$space" ] || continue
    count=$((count + 1))
    [ $count -le $most_namespaces ] ||
        { say "only the first $most_namespaces namespaces are in the report"; break; }
    ip netns exec "$space" true 2> /dev/null || continue
    other "$space"
done

case $target in
    -)     tar -C "$work" -cf - "$name" || fail "tar could not make the archive" ;;
    *gz)   tar -C "$work" -cf - "$name" | gzip > "$target" || fail "cannot write $target" ;;
    *.tar) tar -C "$work" -cf "$target" "$name" || fail "cannot write $target" ;;
esac
[ "$target" = - ] || say "made $target"
